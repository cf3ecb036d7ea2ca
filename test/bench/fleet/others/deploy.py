# What the probe reads, by facts of pyinfra. Attributes of sysfs are hundreds of small files: each kind is read by one command,
# because a fact for each file would be an exec for each file.
import json

from pyinfra import host
from pyinfra.facts import files, server

for fact in (server.LinuxDistribution, server.KernelVersion, server.KernelModules):
    host.get_fact(fact)
host.get_fact(files.FileContents, path="/proc/self/mounts")
for command in json.load(open("commands.json")):
    host.get_fact(server.Command, command=command)
