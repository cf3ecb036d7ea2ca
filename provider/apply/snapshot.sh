# Prints a snapshot of the host with probe.sh, which comes on stdin. Lines before this script set
#
#   folder     the folder of runs
#   boundary   of the capture
#
# The line before the capture names the last run on this host, or reports that one is at work. A plan is based on it: it is
# carried out only if no other run came in between (follow.sh).

last=
[ ! -s "$folder/lock" ] || read -r last <"$folder/lock"
[ ! -e "$folder/$last/alive" ] || flock -s -n "$folder/$last/alive" true || last=unfinished
printf 'last-run %s\n' "$last"
exec sh -s "$boundary"
