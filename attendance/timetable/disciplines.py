"""What a university of full size teaches, and where: the words of its made-up departments, courses and rooms."""


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split(", "))


DISCIPLINES = _listed(
    "Accounting, Actuarial Science, Aerospace Engineering, African Studies, Agronomy, American Studies, Anatomy, "
    "Ancient History, Animal Science, Anthropology, Applied Mathematics, Applied Physics, Arabic Studies, "
    "Archaeology, Architecture, Art History, Artificial Intelligence, Astronomy, Atmospheric Science, Banking and "
    "Finance, Biochemistry, Bioinformatics, Biomedical Engineering, Biophysics, Biostatistics, Botany, Business Law, "
    "Cardiology, Cell Biology, Chemical Engineering, Chemistry, Chinese Studies, Civil Engineering, Classics, Climate "
    "Science, Cognitive Science, Communication, Comparative Literature, Computer Engineering, Computer Science, "
    "Conservation, Criminology, Cybersecurity, Dance, Data Science, Dentistry, Dermatology, Design, Drama, Ecology, "
    "Econometrics, Economics, Education, Electrical Engineering, Energy Systems, English, Entomology, Environmental "
    "Engineering, Epidemiology, Ethics, European Studies, Film Studies, Fine Art, Food Science, Forestry, French, "
    "Gender Studies, Genetics, Geography, Geology, Geophysics, German, Health Informatics, Hispanic Studies, History, "
    "Hydrology, Immunology, Industrial Engineering, Information Systems, International Relations, Islamic Studies, "
    "Italian, Japanese Studies, Journalism, Landscape Architecture, Law, Library Science, Linguistics, Logistics, "
    "Management, Marine Biology, Marketing, Materials Science, Mathematics, Mechanical Engineering, Mechatronics, "
    "Media Studies, Microbiology, Midwifery, Molecular Medicine, Music, Nanotechnology, Neuroscience, Nursing, "
    "Occupational Therapy, Oceanography, Operations Research, Optometry, Paediatrics, Pharmacology, Philosophy, "
    "Physics, Physiotherapy, Political Science, Psychology, Public Health, Robotics, Slavonic Studies, Social Work, "
    "Sociology, Sports Science, Statistics, Surgery, Theology, Urban Planning, Veterinary Medicine, Zoology"
)
KINDS = ("Department of", "School of", "Institute of", "Centre for")
BUILDINGS = _listed(
    "Ashworth, Birchall, Calder, Dunmore, Eastgate, Fairfax, Garrick, Holbrook, Ingleby, Jessop, Kingsley, Langdale, "
    "Marlowe, Northcote, Ockham, Pemberton, Quayside, Ravenscroft, Somerville, Thornbury, Underwood, Vanbrugh, "
    "Westbrook, Yarrow"
)
TOPICS = (
    "Introduction to",
    "Foundations of",
    "Principles of",
    "Methods in",
    "History of",
    "Topics in",
    "Current Research in",
    "Laboratory Course:",
    "Theory of",
    "Quantitative",
    "Advanced",
    "Project Seminar:",
    "Ethics in",
    "Field Work in",
    "Computing for",
    "Reading Group:",
    "Case Studies in",
    "Communicating",
    "Perspectives on",
    "Professional Practice in",
)


def department_name(place: int) -> str:
    """Return the name of the department at a place from 0; names differ as long as there are disciplines and kinds."""
    lap, discipline = divmod(place, len(DISCIPLINES))
    kind = KINDS[(sum(map(ord, DISCIPLINES[discipline])) + lap) % len(KINDS)]
    return f"{kind} {DISCIPLINES[discipline]}"


def course_prefixes(number: int) -> list[str]:
    """Return a short code for each of the first departments, such as PHYS; no two are alike."""
    prefixes: dict[str, None] = {}
    for place in range(number):
        letters = "".join(filter(str.isalpha, DISCIPLINES[place % len(DISCIPLINES)])).upper()
        candidates = (letters[:3] + letter for letter in letters[3:] + "XYZ")
        prefixes[next(each for each in candidates if each not in prefixes)] = None
    return list(prefixes)


def course_title(place: int, discipline: int) -> str:
    """Return the title of a department's course at a place from 0; later ones repeat with a number."""
    lap, topic = divmod(place, len(TOPICS))
    title = f"{TOPICS[topic]} {DISCIPLINES[discipline % len(DISCIPLINES)]}"
    return f"{title} {lap + 1}" if lap else title


def room_name(place: int) -> str:
    """Return the name of the room at a place from 0: building, floor and door."""
    door, building = divmod(place, len(BUILDINGS))
    floor, number = divmod(door, 12)
    return f"{BUILDINGS[building]} {floor}.{number + 1:02}"
