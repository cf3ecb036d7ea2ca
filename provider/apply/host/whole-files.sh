# Small files that are written as a whole or not at all, also when the disk is full or the power fails.

# write_whole FILE LINE...: writes the lines and `complete=yes`.
write_whole() {
    whole=$1 new_whole=${1%/*}/.${1##*/}.new
    shift
    [ -d "${whole%/*}" ] || mkdir -p "${whole%/*}" || return
    if printf '%s\n' "$@" complete=yes >"$new_whole" && is_complete "$new_whole" &&
        sync "$new_whole" && mv -f "$new_whole" "$whole"; then return; fi
    rm -f "$new_whole"
    return 1
}

# Not every shell's printf reports that the disk is full.
is_complete() {
    record_end=
    while read -r record_line; do record_end=$record_line; done <"$1"
    [ "$record_end" = complete=yes ]
}
