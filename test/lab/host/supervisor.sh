#!/bin/sh
# supervisor.sh FOLDER OWNER: keeps one lab host running. QEMU ends when the guest reboots, powers off or loses its
# power (-no-reboot), and is started again: a fresh QEMU boots more surely than a reset one. Files in FOLDER steer it:
#   command  QEMU's command line, a word a line, read anew at each start
#   loadvm   the next start continues the saved state on the disk, instead of booting
#   hold     the next start waits
#   down     end QEMU, remove the folder, and end
# When the process OWNER is gone (0: nobody owns the host) it acts as if `down` were there.
folder=$1 owner=$2
while :; do
	while [ -e "$folder/hold" ] && [ ! -e "$folder/down" ]; do
		if [ "$owner" != 0 ] && ! kill -0 "$owner" 2> /dev/null; then : > "$folder/down"; fi
		sleep 0.1
	done
	[ ! -e "$folder/down" ] || break
	set --
	while IFS= read -r word; do set -- "$@" "$word"; done < "$folder/command"
	if [ -e "$folder/loadvm" ]; then
		rm "$folder/loadvm"
		set -- "$@" -loadvm saved
	fi
	"$@" >> "$folder/qemu.log" 2>&1 &
	qemu=$!
	echo $qemu > "$folder/qemu.pid"
	while kill -0 $qemu 2> /dev/null; do
		if [ "$owner" != 0 ] && ! kill -0 "$owner" 2> /dev/null; then : > "$folder/down"; fi
		[ ! -e "$folder/down" ] || kill -KILL $qemu 2> /dev/null
		sleep 0.2
	done
	wait $qemu
	[ ! -e "$folder/down" ] || break
done
rm -rf "$folder"
