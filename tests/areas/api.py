"""Lists as JSON."""

#   address                method  anonymous outsider inside other owner assistant auditor admin foreign admin
MATRIX = """
    course_list_json         GET     401     404     404     404     404     404     200     200     200
    student_list_json        GET     401     404     404     404     404     404     200     200     200
    teacher_list_json        GET     401     200     200     200     200     200     200     200     200
    lecture_show_json        GET     401     404     200     404     200     200     200     200     404
"""
