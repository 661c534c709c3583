# What the script tests share: a folder of their own, calls with expected exit codes, mounts.
set -Eeuo pipefail
trap 'echo "FAILED at line $LINENO: $BASH_COMMAND" >&2' ERR

fail() {
    echo "FAILED: $*" >&2
    exit 1
}

[[ -x ${QESTORE_BIN:-} ]] || fail "QESTORE_BIN must name the qestore command (make scripts sets it)"

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" >/dev/null || fail "$tool is needed (tools/install_test_tools.sh)"
    done
}

# A script that mounts says so before it reads this file: it is started anew in a mount namespace
# that goes with it, before anything is made.
if [[ ${needs_mounts:-} && ! ${IN_OWN_MOUNTS:-} ]]; then
    need unshare mount
    export IN_OWN_MOUNTS=1
    if [[ $(id -u) == 0 ]] && unshare -m true 2>/dev/null; then
        exec unshare -m bash "$0"
    elif unshare -rm true 2>/dev/null; then
        exec unshare -rm bash "$0"
    fi
    fail "mounting needs root, or user namespaces (sysctl kernel.unprivileged_userns_clone=1)"
fi

# Takes away what the script has made, its mounts first.
mounts=()
clean_up() {
    local mount
    for mount in "${mounts[@]}"; do
        umount -l "$mount" 2>/dev/null || true
    done
    chmod -R u+rwX "$work" 2>/dev/null || true
    rm -rf --one-file-system "$work"
}

work=$(mktemp -d)
trap clean_up EXIT
chmod 755 "$work"
# Other users must be able to run it, wherever it was built.
cp "$QESTORE_BIN" "$work/qestore"
chmod 755 "$work/qestore"
mkdir "$work/home"
export HOME="$work/home" NO_COLOR=1
unset QE_STORAGE_PATH CI GITHUB_ACTIONS GITLAB_CI

# Runs the command; its output is then in $out and $err. `as` holds what runs before it.
as=()
run() {
    code=0
    "${as[@]}" "$work/qestore" --store "$store" "$@" >"$work/out" 2>"$work/err" </dev/null || code=$?
    out=$(<"$work/out") err=$(<"$work/err")
}

# expect CODE ARGUMENT…
expect() {
    local wanted=$1
    shift
    run "$@"
    [[ $code == "$wanted" ]] || fail "qestore $* ended with $code instead of $wanted: $out $err"
}

# The last error output says TEXT, whatever the case.
says() {
    grep -qiF -- "$1" <<<"$err" || fail "it should say \"$1\", and says: $err"
}

lists() {
    expect 0 ls --json
    local name
    for name in "$@"; do
        grep -qF "\"$name\"" <<<"$out" || fail "$name is not listed: $out"
    done
}

same() {
    cmp -s "$1" "$2" || fail "$1 and $2 differ"
}

# Files of unfinished writers.
staged() {
    find "$store/staging" -type f 2>/dev/null | wc -l
}
