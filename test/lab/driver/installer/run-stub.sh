#!/bin/sh
# @TITLE@
# A stand-in of this project's test lab, in the shape of the real package: this script, then a tar.gz archive.
title='@TITLE@'
target='@TARGET@'
lines=@LINES@
sum=@SUM@

usage() {
	cat <<-USAGE
	$0 [options] -- $title

	  --info                Print what the package is.
	  --check               Check the integrity of the archive and exit.
	  -x, --extract-only    Extract the archive to ./$target and exit.
	  --target DIR          Where to extract it to.
	  --tmpdir DIR          Where to extract it for an installation; default: \$TMPDIR or /tmp.
	  --keep                Leave the extracted files there.
	  All other options are nvidia-installer's: see -A.
	USAGE
}

payload() { tail -n +$((lines + 1)) "$0"; }

# The archive is hashed to see that it arrived whole; it is not a signature.
verify() {
	printf 'Verifying archive integrity... '
	found=$(payload | md5sum)
	if [ "${found%% *}" != "$sum" ]; then
		echo "Error in MD5 checksums: ${found%% *} is different from $sum" >&2
		exit 1
	fi
	echo OK
}

extract() { # extract DIRECTORY
	printf 'Uncompressing %s' "$title"
	mkdir -p "$1" && payload | gzip -cd | tar -xf - -C "$1" && echo '......' && return 0
	echo
	echo "Extraction failed." >&2
	return 1
}

base=${TMPDIR:-/tmp}
keep='' extract_only='' previous=''
for option; do
	case $previous in --tmpdir) base=$option;; --target) target=$option;; esac
	previous=$option
	case $option in
	--info) echo "Identification: $title (test-lab stand-in)"; echo "Target directory: $target"; exit 0;;
	--check) verify; exit 0;;
	-h|--help) usage; exit 0;;
	-x|--extract-only) extract_only=1;;
	--keep) keep=1;;
	--tmpdir=*) base=${option#*=};;
	--target=*) target=${option#*=};;
	esac
done

verify
if [ -n "$extract_only" ]; then
	if [ -e "$target" ]; then echo "Directory $target already exists" >&2; exit 1; fi
	echo "Creating directory $target"
	extract "$target"
	exit
fi

directory=$(mktemp -d "$base/selfgz$$.XXXXXX") || exit 1
[ -n "$keep" ] || trap 'rm -rf "$directory"' EXIT
trap 'exit 1' HUP INT TERM
extract "$directory" || exit 1
(cd "$directory" && ./nvidia-installer "$@")
status=$?
[ -z "$keep" ] || echo "Files are in $directory"
exit $status
