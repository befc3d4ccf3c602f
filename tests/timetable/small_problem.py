"""A problem small enough to check by hand: two courses, three students, two rooms."""

SMALL = """\
<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE problem PUBLIC "-//ITC 2019//DTD Problem Format/EN" "http://www.itc2019.org/competition-format.dtd">
<problem name="Tiny School" nrDays="7" slotsPerDay="288" nrWeeks="4">
  <rooms>
    <room id="1" capacity="30"><travel room="2" value="6"/></room>
    <room id="2" capacity="12"><unavailable days="0000010" start="0" length="288" weeks="1111"/></room>
  </rooms>
  <courses>
    <course id="1">
      <config id="1">
        <subpart id="1">
          <class id="1" limit="2">
            <room id="2" penalty="3"/><room id="1" penalty="0"/>
            <time days="0100000" start="96" length="18" weeks="1111" penalty="4"/>
            <time days="1010000" start="108" length="18" weeks="1101" penalty="1"/>
            <time days="0000100" start="108" length="18" weeks="1111" penalty="1"/>
          </class>
          <class id="2" limit="1" room="false">
            <time days="0001000" start="108" length="12" weeks="1111" penalty="0"/>
          </class>
        </subpart>
        <subpart id="2">
          <class id="3" limit="2" parent="1">
            <room id="2" penalty="0"/>
            <time days="0000100" start="156" length="18" weeks="0110" penalty="0"/>
          </class>
          <class id="4" limit="1" parent="2">
            <room id="2" penalty="0"/>
            <time days="0000100" start="180" length="18" weeks="0110" penalty="0"/>
          </class>
        </subpart>
      </config>
    </course>
    <course id="2">
      <config id="2">
        <subpart id="3">
          <class id="5" limit="1">
            <room id="1" penalty="0"/>
            <time days="1000000" start="180" length="18" weeks="1111" penalty="0"/>
          </class>
        </subpart>
      </config>
    </course>
  </courses>
  <students>
    <student id="1"><course id="1"/><course id="2"/></student>
    <student id="2"><course id="1"/></student>
    <student id="3"><course id="1"/><course id="2"/></student>
  </students>
</problem>
"""


def small_problem(*changes: tuple[str, str]) -> bytes:
    """Return the problem as a file's content, each old text replaced by the new one where it stands first."""
    text = SMALL
    for old, new in changes:
        assert old in text, f"{old!r} is not in the small problem"
        text = text.replace(old, new, 1)
    return text.encode()
