# Installs what restores virtual functions and vGPUs at boot: a script of functions of this library, and a unit that runs it. The job
# defines print_restorer and print_restorer_unit, which print the two files (provider/apply/restorer).

restorer=/usr/local/lib/nvidia-vgpu/restore.sh
restorer_unit=/etc/systemd/system/nvidia-vgpu-restore.service

# install_restorer DIGEST: also repairs a unit that is masked or disabled. It does not start it: what exists is in order.
install_restorer() {
    say "installing $restorer_name"
    write_restorer_file "$restorer" print_restorer && write_restorer_file "$restorer_unit" print_restorer_unit || return
    # The files have to be readable for systemd where SELinux is enforced.
    if command -v restorecon >/dev/null; then restorecon -RF "${restorer%/*}" "$restorer_unit" /etc/nvidia-vgpu; fi
    systemctl daemon-reload && systemctl --quiet enable "$restorer_name" || fail "$restorer_name cannot be enabled" || return
    found=$(systemctl is-enabled "$restorer_name" 2>&1)
    [ "$found" = enabled ] || fail "$restorer_name was enabled, and systemd reports: $found" || return
    # Both files, and the link of systemd, are there after a power cut.
    sync_folders "${restorer%/*}" "${restorer_unit%/*}" "${restorer_unit%/*}"/*.wants
    digest_restorer
    [ "$digest" = "$1" ] || fail "the files of $restorer_name were written and have the digest $digest instead of $1"
}

write_restorer_file() {
    put_restorer_file "$@" 2>/dev/null && return
    write_error=$(put_restorer_file "$@" 2>&1) || cannot_write "$1" "$write_error"
}

put_restorer_file() {
    [ -d "${1%/*}" ] || mkdir -p "${1%/*}" || return
    $2 >"$1.new" && chmod 644 "$1.new" && sync "$1.new" && mv -f "$1.new" "$1" && return
    rm -f "$1.new"
    return 1
}

# Sets $digest to the beginnings of the digests of both files.
digest_restorer() {
    set -- $(sha256sum "$restorer" "$restorer_unit" | cut -c 1-16)
    digest=${1-}-${2-}
}

# The unit is not stopped: guests that require it would be stopped with it.
remove_restorer() {
    say "removing $restorer_name"
    systemctl --quiet disable "$restorer_name" 2>/dev/null
    rm -f "$restorer" "$restorer_unit"
    # An interrupted run may have left files that were not renamed yet.
    rm -f "$restorer.new" "$restorer_unit.new" "$gpu_records"/.*.new "$vgpu_records"/.*.new
    rmdir "${restorer%/*}" "$gpu_records" 2>/dev/null
    systemctl daemon-reload
    forget_failed_restore
    [ ! -e "$restorer" ] && [ ! -e "$restorer_unit" ]
}

# What the last boot could not restore exists by now.
forget_failed_restore() {
    systemctl reset-failed "$restorer_name" 2>/dev/null
    rm -f "$restore_report"
}
