"""What gunicorn loads for the replay."""

from attendance_system.wsgi import application as product
from benchmarks.teaching_day import server

server.follow_the_day()
server.count_reads()
application = server.counted(product)
