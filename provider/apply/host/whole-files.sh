# Small files that are written as a whole or not at all, also when the disk is full or the power fails.

# write_whole FILE LINE...: writes the lines and `complete=yes`.
write_whole() {
    put_whole print_whole "$@" 2>/dev/null && return
    write_error=$(put_whole print_by_cat "$@" 2>&1) || cannot_write "$1" "$write_error"
}

# put_whole PRINT FILE LINE...
put_whole() {
    put_by=$1 whole=$2 new_whole=${2%/*}/.${2##*/}.new
    shift 2
    [ -d "${whole%/*}" ] || mkdir -p "${whole%/*}" || return
    if $put_by "$@" >"$new_whole" && is_complete "$new_whole" &&
        sync "$new_whole" && mv -f "$new_whole" "$whole"; then return; fi
    rm -f "$new_whole"
    return 1
}

print_whole() { printf '%s\n' "$@" complete=yes; }

# A shell's own printf may call a full disk an I/O error.
print_by_cat() { print_whole "$@" | cat; }

# Not every shell's printf reports that the disk is full.
is_complete() {
    record_end=
    while read -r record_line; do record_end=$record_line; done <"$1"
    [ "$record_end" = complete=yes ]
}

# cannot_write FILE [MESSAGE]: of a message, such as `mv: cannot move 'a' to 'b': Read-only file system`, only the reason is printed.
cannot_write() {
    write_error=${2-}
    write_error=${write_error##*: }
    fail "$1 cannot be written${write_error:+ ($write_error)}: is the disk full or read-only?"
}

# sync_folders FOLDER...: a file that was renamed or removed is so after a power cut only when its folder was synced, too. A folder that
# is not there has nothing to lose.
sync_folders() {
    synced_folders=
    for folder; do [ ! -d "$folder" ] || synced_folders="$synced_folders $folder"; done
    [ -n "$synced_folders" ] || return 0
    sync_error=$(timeout 30 sync $synced_folders 2>&1 8>&- 9>&-) ||
        say "what was written to$synced_folders may be gone after a power cut: ${sync_error:-sync did not end within 30 s}"
}
