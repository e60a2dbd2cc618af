#!/usr/bin/env bash
# A cluster of one node on loopback, to try this profile on a machine of one's own: node.sh start | stop, as root.
# It needs Debian's slurm-wlm and munge. So that what rules ask for can be had, the node says that it has two GPUs, 16 GB
# and at least 4 cores, whatever the machine has; jobs see no more than there is.
set -euo pipefail

STATE=/run/ineq-slurm
SETTINGS=/etc/slurm
MARK="# One node on loopback, written by workflow/profiles/slurm/node.sh."
NODE=$(hostname -s)

refuse() {
    echo "node.sh: $1" >&2
    exit 2
}

# Where jobs look, whatever the environment says. A cluster's own settings are never touched.
settings() {
    if [ -e "$SETTINGS/slurm.conf" ] && ! grep -qxF "$MARK" "$SETTINGS/slurm.conf"; then
        refuse "$SETTINGS/slurm.conf is there and not mine: this machine belongs to a cluster"
    fi
    mkdir -p "$SETTINGS" "$STATE/control" "$STATE/node"
    # To Slurm a GPU is a device file; these are like /dev/null.
    for number in 0 1; do [ -e "$STATE/nvidia$number" ] || mknod "$STATE/nvidia$number" c 1 3; done
    printf '%s\n' "$MARK" "Name=gpu File=$STATE/nvidia[0-1]" >"$SETTINGS/gres.conf"
    cat >"$SETTINGS/slurm.conf" <<EOF
$MARK
ClusterName=loopback
SlurmctldHost=$NODE(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
StateSaveLocation=$STATE/control
SlurmdSpoolDir=$STATE/node
SlurmctldPidFile=$STATE/slurmctld.pid
SlurmdPidFile=$STATE/slurmd.pid
SlurmctldLogFile=$STATE/slurmctld.log
SlurmdLogFile=$STATE/slurmd.log
# Neither cgroups nor a database, which a container may not have.
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
# Done jobs can be asked about for an hour; a new one is looked at at once.
MinJobAge=3600
SchedulerParameters=batch_sched_delay=0,sched_min_interval=0
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
ReturnToService=2
SlurmdParameters=config_overrides
NodeName=$NODE NodeAddr=127.0.0.1 CPUs=$(at_least 4 "$(nproc)") RealMemory=16000 Gres=gpu:2
PartitionName=debug Nodes=$NODE Default=YES State=UP
EOF
}

at_least() { echo $(($1 > $2 ? $1 : $2)); }

ready() {
    scontrol ping 2>/dev/null | grep -q UP && sinfo --noheader --format=%t 2>/dev/null | grep -qE '^(idle|mix|alloc)$'
}

start() {
    [ "$(id -u)" = 0 ] || refuse "only root can start Slurm's daemons"
    for command in slurmctld slurmd munged; do
        command -v "$command" >/dev/null || refuse "no $command on this machine: apt-get install slurm-wlm munge"
    done
    settings
    ready && return
    if ! munge --no-input >/dev/null 2>&1; then
        mkdir -p /run/munge && chown munge:munge /run/munge && chmod 755 /run/munge
        runuser -u munge -- munged --force && touch "$STATE/munged"
    fi
    # What an earlier start left is forgotten.
    slurmctld -c
    slurmd -c
    for _ in $(seq 60); do
        ready && return
        sleep 0.5
    done
    tail -n 5 "$STATE"/*.log >&2
    stop
    refuse "the node did not come up within 30 s"
}

stop() {
    ended "$STATE/slurmd.pid" "$STATE/slurmctld.pid"
    [ ! -e "$STATE/munged" ] || ended /run/munge/munged.pid
    grep -qxsF "$MARK" "$SETTINGS/slurm.conf" && rm "$SETTINGS/slurm.conf" "$SETTINGS/gres.conf"
    rm -rf "$STATE"
}

# End the processes of these files; each removes its file last.
ended() {
    for file in "$@"; do
        [ ! -s "$file" ] || kill "$(cat "$file")" 2>/dev/null || rm -f "$file"
        for _ in $(seq 50); do [ ! -e "$file" ] || sleep 0.2; done
    done
}

case ${1-} in
start | stop) "$1" ;;
*) refuse "wanted start or stop" ;;
esac
