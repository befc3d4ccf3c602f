"""Made-up people: common names, put together by chance that falls the same way every time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from attendance.timetable.chance import draw, pick


class Name(NamedTuple):
    """A person's name in its two parts."""

    given: str
    family: str


@dataclass(frozen=True)
class NameGroup:
    """Given and family names that go together, and how many of a hundred people bear them."""

    share: int
    given: tuple[str, ...]
    family: tuple[str, ...]


def _group(share: int, given: str, family: str) -> NameGroup:
    return NameGroup(share, tuple(given.split()), tuple(family.split()))


CENTRAL_EUROPE = (
    _group(
        40,
        "Adéla Alena Aneta Anna Barbora Denisa Eliška Ema Eva Gabriela Hana Ivana Jana Karolína Kateřina Klára "
        "Kristýna Lenka Lucie Magdaléna Markéta Michaela Monika Natálie Nikola Pavla Petra Simona Tereza Veronika",
        "Nováková Svobodová Novotná Dvořáková Černá Procházková Kučerová Veselá Horáková Němcová Pokorná Marková "
        "Pospíšilová Hájková Králová Jelínková Růžičková Benešová Fialová Sedláčková Doležalová Zemanová Kolářová "
        "Navrátilová Čermáková Urbanová Vaňková Blažková Křížová Kopecká Malá Šimková Bartošová Vlčková Kadlecová",
    ),
    _group(
        40,
        "Adam Aleš Daniel David Dominik Filip František Jakub Jan Jaroslav Jiří Josef Karel Kryštof Lukáš Marek Martin "
        "Matěj Michal Miroslav Ondřej Patrik Pavel Petr Radek Roman Šimon Štěpán Tomáš Vojtěch",
        "Novák Svoboda Novotný Dvořák Černý Procházka Kučera Veselý Horák Němec Pokorný Marek Pospíšil Hájek Král "
        "Jelínek Růžička Beneš Fiala Sedláček Doležal Zeman Kolář Navrátil Čermák Urban Vaněk Blažek Kříž Kopecký "
        "Malý Šimek Bartoš Vlček Kadlec",
    ),
    _group(
        10,
        "Andrej Boris Dana Eva Juraj Katarína Ľubica Martina Matúš Peter Samuel Zuzana",
        "Baláž Hudák Kováč Lukáč Molnár Nagy Oravec Polák Sloboda Tóth Varga Žiak",
    ),
    _group(
        5,
        "Andrii Bohdan Iryna Kateryna Maksym Nadiia Oksana Olha Taras Yuliia",
        "Bondarenko Hrytsenko Klymenko Kovalenko Lysenko Moroz Petrenko Shevchenko Tkachenko Zinchenko",
    ),
    _group(5, "An Bao Chi Duc Ha Lan Linh Minh Thao Tuan", "Bui Dang Do Hoang Le Nguyen Pham Tran Vo Vu"),
)
THE_WORLD = (
    _group(
        34,
        "Alice Callum Charlotte Daisy Edward Ella Finlay Freya George Grace Harry Isla Jack Lily Oliver Rhys",
        "Barnes Bennett Campbell Clarke Davies Fraser Hughes Marsh Morgan Palmer Reid Shaw Turner Walsh Wood Wright",
    ),
    _group(
        16,
        "Aarav Aisha Anjali Arjun Deepa Imran Kavya Meera Nikhil Priya Rohan Sana Vikram Zara",
        "Ahmed Bose Chaudhry Desai Gupta Iyer Khan Mehta Nair Patel Rao Sharma Singh Verma",
    ),
    _group(
        14,
        "Abena Ama Chidi Efua Emeka Folake Ifeoma Kofi Kwesi Ngozi Tendai Tunde Yaw Zainab",
        "Adeyemi Appiah Asante Balogun Boateng Danso Eze Mensah Moyo Nwosu Okafor Okoro Owusu Sarpong",
    ),
    _group(
        12,
        "Bilal Dalia Farid Hala Jamal Karim Layla Nadia Omar Rania Samir Tariq Yasmin Ziad",
        "Aziz Darwish Farouk Hamdan Haddad Khalil Khoury Mansour Nasser Rahman Saleh Sayegh Tahan Zaki",
    ),
    _group(
        12,
        "Daiyu Haruto Hana Jiho Jun Mei Minji Ren Seo-yeon Sora Wei Xin Yuki Yuna",
        "Chen Choi Huang Kim Li Lim Liu Nakamura Park Sato Tanaka Wang Wu Zhang",
    ),
    _group(
        12,
        "Ana Bruno Carla Diego Elena Giulia Hugo Lucia Luca Mateo Pilar Rosa Rui Sofia",
        "Almeida Costa Esposito Fernandes Garcia Lopez Marino Moreno Pereira Ricci Romano Santos Silva Vega",
    ),
)


def made_up_name(groups: Sequence[NameGroup], *labels: str | int) -> Name:
    """Return a name from one of the groups, by their shares; the same labels give the same name."""
    place = draw(*labels, "group") * sum(group.share for group in groups)
    for group in groups:
        place -= group.share
        if place < 0:
            break
    return Name(pick(group.given, *labels, "given"), pick(group.family, *labels, "family"))


def distinct_names(groups: Sequence[NameGroup], count: int, *labels: str | int) -> list[Name]:
    """Return so many names, no two alike; fewer are wanted than the groups can make."""
    names: dict[Name, None] = {}
    attempt = 0
    while len(names) < count:
        names[made_up_name(groups, *labels, attempt)] = None
        attempt += 1
    return list(names)
