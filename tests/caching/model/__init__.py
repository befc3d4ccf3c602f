"""A small, exhaustive model of the cache protocol: every order in which its steps can happen, faults included.

The model speaks the words of the engine and shares no code with it: it needs neither Django nor Redis nor a database.

- `state`: what there is, as tuples, and how equal situations become one.
- `configurations`: which rules hold and how much of everything there is.
- `writers`, `rounds`, `fillers`, `memory`, `faults`: the steps, each with the sentence that a trace prints for it.
- `properties`: what an answer must never be.
- `checker`: breadth first through all of it; the first violation found has the shortest trace.

Three abstractions keep the model small and lose nothing. Reads are no steps: a read is atomic and changes nothing, so
every state is asked what a reader would receive there. Time is relative: ages and the fence's remaining life count
in ticks up to the limit L, so time runs on for ever in finitely many states. A process that is killed, frozen or cut
off is one that takes no further step; one that comes back late takes its step later.
"""
