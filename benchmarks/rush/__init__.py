"""The nine o'clock rush: a whole hall checks in at once, through the real server.

`hall` makes students, lectures and open check-ins, `browser` is one student's phone, `crowd` sends them all at their
moments, `morning` those who have to log in first, `facts` asks the database what became of it, `shares` holds the
processor time of a check-in against that of a stock project, and `comparison` makes the rows.
"""
