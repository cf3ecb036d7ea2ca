# Reads the records of GPUs and vGPUs after a boot, and writes them again with all that they have.

# Reads a record into $record_KEY variables of the keys that are used here. The others are in $more, one a line.
read_record() {
    record_address= record_vfs= record_vf= record_type= record_name= record_parameters= record_gpu= record_boot=
    record_mig= record_mixed= record_instances= record_restore= record_format= record_complete= more=
    while IFS= read -r line; do
        case $line in
        address=*) record_address=${line#*=} ;;
        vfs=*) record_vfs=${line#*=} ;;
        vf=*) record_vf=${line#*=} ;;
        type=*) record_type=${line#*=} ;;
        name=*) record_name=${line#*=} ;;
        parameters=*) record_parameters=${line#*=} ;;
        boot=*) record_boot=${line#*=} ;;
        complete=*) record_complete=${line#*=} ;;
        format=*) record_format=${line#*=} ;;
        function=*) ;;
        *)
            case $line in
            gpu=*) record_gpu=${line#*=} ;;
            restore=*) record_restore=${line#*=} ;;
            mig=*) record_mig=${line#*=} ;;
            mixed=*) record_mixed=${line#*=} ;;
            instances=*) record_instances=${line#*=} ;;
            esac
            more="$more$line
"
            ;;
        esac
    done <"$record"
    [ "$record_complete" = yes ] || fail "$record is not complete" || return
    # Later versions may add keys to these formats.
    case $record_format in 1 | 2) ;; *) fail "$record has the format ${record_format:-none}, which this version of the restorer does not know" ;; esac
}

# with_more COMMAND WORDS...: adds the other lines of the record as words.
with_more() {
    split_lines
    set -- "$@" $more
    split_words
    "$@"
}
