# How the host looks, by probe.sh on stdin; behind lines that set
#
#   folder     where runs are kept
#   boundary   of the capture
#
# The line before it names the last run that was made there, or says that one is at work. A plan rests on what was seen, so it is
# carried out only when no other run came between: see follow.sh.

last=
[ ! -s "$folder/lock" ] || read -r last <"$folder/lock"
[ ! -e "$folder/$last/alive" ] || flock -s -n "$folder/$last/alive" true || last=unfinished
printf 'last-run %s\n' "$last"
exec sh -s "$boundary"
