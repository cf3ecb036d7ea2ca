# Words of the kernel's command line, for the next boot: GRUB, grubby, and the files of other loaders.

kernel_words=/etc/nvidia-vgpu/kernel-words
grub_defaults=/etc/default/grub
grub_part=/etc/default/grub.d/zz-nvidia-vgpu.cfg
grub_mkconfig=/usr/sbin/grub-mkconfig
kernel_cmdline=/etc/kernel/cmdline

# set_kernel_words TOOL WORD...: each word replaces other values of the same name. All changes are noted first.
set_kernel_words() {
    tool=$1
    shift
    ask_loader "$tool" && mkdir -p "${kernel_words%/*}" && words=$(words_now "$tool") && save_file "$kernel_words" || return
    is_restored=yes
    if note_words "$@" && change_by_notes "$tool"; then
        [ ! -e "$kernel_words" ] || note_reboot "$* takes effect after a reboot"
        return
    fi
    # If the line could not be restored, the notes stay, for restore_kernel_words.
    [ -z "$is_restored" ] || restore_notes
    return 1
}

# note_words WORD...: notes the words to add, and those that they replace
note_words() {
    for wanted; do
        case " $words " in *" $wanted "*) ;; *) note_word "+$wanted" || return ;; esac
        for word in $words; do
            case $word in "$wanted") ;; "${wanted%%=*}="*) note_word "-$word" || return ;; esac
        done
    done
}

change_by_notes() {
    [ -e "$kernel_words" ] || return 0
    grub_part_words=
    [ -n "$(noted -)" ] || ! has_grub_parts || grub_part_words=$(noted +)
    change_words "$1" "$(noted -)" "$(noted +)"
}

# The notes as save_file found them.
restore_notes() {
    if [ -e "$kernel_words.saved" ]; then mv -f "$kernel_words.saved" "$kernel_words"; else rm -f "$kernel_words"; fi
    rmdir "${kernel_words%/*}" 2>/dev/null || return 0
}

restore_kernel_words() {
    [ -e "$kernel_words" ] || return 0
    grub_part_words=
    ask_loader "$1" && change_words "$1" "$(noted +)" "$(noted -)" && rm -f "$kernel_words" "$rebooted_for" || return
    rmdir "${kernel_words%/*}" 2>/dev/null || return 0
}

# Finds out which of several loaders is used, before anything is changed.
ask_loader() { [ "$1" != proxmox-boot-tool ] || ask_proxmox_loader; }

note_word() {
    grep -qsxF -e "$1" "$kernel_words" || printf '%s\n' "$1" >>"$kernel_words"
}

# noted +|-: those words, in one line
noted() { sed -n "s/^[$1]//p" "$kernel_words" | tr '\n' ' '; }

# change_words TOOL "REMOVE..." "ADD...": verifies the result in what the boot loader will use; nothing else on the line may change.
# Otherwise the files are restored, and $is_restored is empty if that failed.
change_words() {
    line_before=$(words_next "$1" 2>/dev/null)
    [ "${4-}" = again ] || line_at_first=$line_before
    save_file "$grub_defaults" && save_file "$grub_part" && save_file "$kernel_cmdline" || fail "no copy of the boot loader's files can be kept in ${kernel_words%/*}" || return
    if edit_words "$@" && has_words "$@"; then
        rm -f "${kernel_words%/*}"/*.saved
        return
    fi
    is_restored=
    put_back "$grub_defaults" && put_back_grub_part && put_back "$kernel_cmdline" && is_restored=yes && run_loader_tool "$1" >/dev/null 2>&1
    line=$(words_next "$1" 2>/dev/null)
    # The menu was older than its files, and the other changes came from those.
    [ "$line" = "$line_before" ] || [ "${4-}" = again ] || { change_words "$1" "$2" "$3" again; return; }
    is_unchanged "$2" "$3" || is_restored=
    return 1
}

# is_unchanged "REMOVED..." "ADDED...": checks that each of these words is on the line exactly if it was at first.
is_unchanged() {
    for word in $1 $2; do
        case " $line_at_first " in *" $word "*) was_there=yes ;; *) was_there=no ;; esac
        case " $line " in *" $word "*) is_there=yes ;; *) is_there=no ;; esac
        [ $was_there = $is_there ] || return
    done
}

edit_words() {
    case $1 in
    grubby) grubby --update-kernel=ALL --remove-args="$2" --args="$3" ;;
    proxmox-boot-tool) edit_proxmox_loaders "$2" "$3" && run_loader_tool "$1" ;;
    update-grub | grub2-mkconfig) change_grub "$2" "$3" && run_loader_tool "$1" ;;
    *) fail "unknown boot loader tool $1" ;;
    esac 2>&1 || fail "$1 failed"
}

# Makes the boot loader read its files.
run_loader_tool() {
    case $1 in
    proxmox-boot-tool) proxmox-boot-tool refresh ;;
    update-grub) update-grub ;;
    grub2-mkconfig) grub2-mkconfig -o "$boot/grub2/grub.cfg" ;;
    esac
}

has_words() {
    line=$(words_next "$1")
    [ -n "$line" ] || fail "$1 ended with 0, and the kernel's command line of the next boot cannot be read" || return
    [ "$(printf '%s\n' "$line" | wc -l)" -eq 1 ] || fail "$1 ended with 0, and the boot partitions have different command lines: $line" || return
    for word in $3; do
        case " $line " in *" $word "*) ;; *) fail "$1 ended with 0, and the next boot is without $word: $line" || return ;; esac
    done
    for word in $2; do
        case " $line " in *" $word "*) fail "the next boot still has $word, which does not come from $grub_defaults" || return ;; esac
    done
    for word in $grub_part_words; do
        for other in $line; do
            case $other in "$word") ;; "${word%%=*}="*) fail "the next boot would have both $other and $word. Everything is unchanged" || return ;; esac
        done
    done
    others=$(other_changes "$2" "$3")
    [ -z "$others" ] || fail "the kernel's command line would change in other words, too:$others. Everything is unchanged"
}

# Prints other words that were removed or added. Without an earlier menu they are not known.
other_changes() {
    [ -n "$line_before" ] || return 0
    for word in $line_before; do
        case $word in /*) continue ;; esac
        case " $line $1 " in *" $word "*) ;; *) printf ' -%s' "$word" ;; esac
    done
    for word in $line; do
        case $word in /*) continue ;; esac
        case " $line_before $2 " in *" $word "*) ;; *) printf ' +%s' "$word" ;; esac
    done
}

# Replaces a copy that an interrupted run left.
save_file() { rm -f "${kernel_words%/*}/${1##*/}.saved" && { [ ! -e "$1" ] || cp -pL "$1" "${kernel_words%/*}/${1##*/}.saved"; }; }

put_back() {
    [ ! -e "${kernel_words%/*}/${1##*/}.saved" ] || { replace_file "$1" <"${kernel_words%/*}/${1##*/}.saved" && rm -f "${kernel_words%/*}/${1##*/}.saved"; }
}

put_back_grub_part() {
    if [ -e "${kernel_words%/*}/${grub_part##*/}.saved" ]; then mkdir -p "${grub_part%/*}" && put_back "$grub_part"; else remove_grub_part; fi
}

words_now() {
    case $1 in
    grubby) grubby_words ;;
    proxmox-boot-tool) proxmox_words_now ;;
    *) grub_words ;;
    esac
}

words_next() {
    case $1 in
    grubby) grubby_words ;;
    proxmox-boot-tool) proxmox_words_next ;;
    update-grub) menu_words "$boot/grub/grub.cfg" ;;
    grub2-mkconfig) menu_words "$boot/grub2/grub.cfg" ;;
    esac
}

grubby_words() { grubby --info=DEFAULT | sed -n 's/^args="\(.*\)"$/\1/p'; }
grub_words() { sed -n 's/^GRUB_CMDLINE_LINUX\(_DEFAULT\)\{0,1\}=//p' "$grub_defaults" | tr "\"'\n" '   '; }

# Debian's reads parts of the configuration after the file itself.
has_grub_parts() { grep -qs '/default/grub\.d' "$grub_mkconfig"; }

# The first entry is the default one, or has the same words.
menu_words() { sed -n 's/^[[:space:]]*linux[a-z0-9]*[[:space:]][[:space:]]*//p' "$1" | head -n 1; }

# change_grub "REMOVE..." "ADD...": in a file of its own if GRUB reads such files, so that the administrator's file is not edited. Words
# that an earlier edit added are still removed from there.
change_grub() {
    if [ -n "$grub_part_words" ]; then
        note=
        if [ ! -d "${grub_part%/*}" ] || has_own_folder; then note=" $own_folder"; fi
        mkdir -p "${grub_part%/*}" && printf '%s\n' "# Written by pulumi-nvidia-vgpu: virtual functions of GPUs need the IOMMU.$note" \
            "GRUB_CMDLINE_LINUX=\"\$GRUB_CMDLINE_LINUX ${grub_part_words% }\"" | replace_file "$grub_part"
        return
    fi
    remove_grub_part || return
    has_grub_words "$1" || [ -n "$2" ] || return 0
    edit_grub "$1" "$2"
}

# Marks a file with a folder that was created for it, and that is removed with it.
own_folder='The folder was made for this file.'
has_own_folder() { grep -qsF -e "$own_folder" "$grub_part"; }

remove_grub_part() {
    has_own_folder
    made=$?
    rm -f "$grub_part" || return
    [ $made != 0 ] || rmdir "${grub_part%/*}" 2>/dev/null || return 0
}

# has_grub_words "WORD...": true if the file itself has one of them.
has_grub_words() {
    written=$(grub_words)
    for word in $1; do
        case " $written " in *" $word "*) return 0 ;; esac
    done
    return 1
}

# Both take "REMOVE..." "ADD...", and may be run again. A word is removed from both of GRUB's variables, and added to the
# one that all entries use.
edit_grub() {
    grep -qE '^[[:space:]]*(export[[:space:]]+)?GRUB_CMDLINE_LINUX=' "$grub_defaults" || echo 'GRUB_CMDLINE_LINUX=""' >>"$grub_defaults" || return
    rewrite "$grub_defaults" "$(removals '/^GRUB_CMDLINE_LINUX(_DEFAULT)?=/' "$1 $2")
        /^GRUB_CMDLINE_LINUX=/ {
            s/^([A-Z_]*=)([^\"'].*)?\$/\\1\"\\2\"/
            s/ *([\"']) *\$/ $2\\1/
            s/ +([\"'])\$/\\1/
            s/^([A-Z_]*=[\"']) +/\\1/
        }"
}

edit_cmdline() {
    rewrite "$kernel_cmdline" "$(removals '' "$1 $2")
        s/ *\$/ $2/
        s/ +\$//"
}

# removals LINES "WORD...": prints a sed command for each word, which is between blanks or quotes
removals() {
    for word in $2; do
        printf '%s\n' "$1 s/(^|[\"' =])$(printf %s "$word" | sed 's/[^^A-Za-z0-9_=,-]/[&]/g; s/\^/\\^/g')([\"' ]|\$)/\\1\\2/"
    done
}

rewrite() {
    rewritten=$(sed -E "$2" "$1") && [ -n "$rewritten" ] && printf '%s\n' "$rewritten" | replace_file "$1"
}

# replace_file FILE <NEW: replaces it as a whole or not at all, and keeps owner, mode and a symbolic link.
replace_file() {
    replaced=$(readlink -f "$1") && { [ ! -e "$replaced" ] || cp -p "$replaced" "$replaced.nvidia-vgpu"; } && cat >"$replaced.nvidia-vgpu" && mv -f "$replaced.nvidia-vgpu" "$replaced"
}
