#!/bin/bash
# One node of hub.sh: this machine's files below a layer of its own that is gone with the node, an
# empty /mnt, /tmp and /run, the account `ducker` (which may use sudo) and `plain` (which may not).
#   node.sh FOLDER NAME [BIND...]
set -eu
folder=$1
name=$2
shift 2

hostname "$name"
mount --make-rprivate /
base=$folder/$name
mkdir "$base"
mount -t tmpfs -o mode=755 tmpfs "$base"
mkdir "$base/upper" "$base/work" "$base/root"
cp -a "$folder/root/." "$base/upper/"
mount -t overlay overlay -o "lowerdir=/,upperdir=$base/upper,workdir=$base/work" "$base/root"
root=$base/root
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
mount --rbind /sys "$root/sys"
for empty in mnt run tmp; do mount -t tmpfs -o mode=755 tmpfs "$root/$empty"; done
chmod 1777 "$root/tmp"
mkdir -p "$root/run/sshd" "$root/var/lib/trogdor"
mount -t tmpfs -o mode=755 tmpfs "$root/var/lib/trogdor"
for bind in "$@"; do
  target=$root${bind#*:}
  mkdir -p "$target"
  mount --bind -o ro "${bind%%:*}" "$target"
done

cat "$folder/hosts" >"$root/etc/hosts"
sed -i '/^\(ducker\|plain\|sshd\):/d; /^[^:]*:[^:]*:100[01]:/d' "$root/etc/passwd" "$root/etc/group"
cat >>"$root/etc/passwd" <<END
sshd:x:65532:65534::/run/sshd:/usr/sbin/nologin
ducker:x:1000:1000::/var/ducker:/bin/bash
plain:x:1001:1001::/var/plain:/bin/bash
END
sed -i '/^\(ducker\|plain\|sshd\|root\):/d' "$root/etc/shadow"
for account in sshd ducker plain root; do echo "$account:*:19000::::::"; done >>"$root/etc/shadow"
printf 'ducker:x:1000:\nplain:x:1001:\n' >>"$root/etc/group"
echo 'ducker ALL=(ALL) NOPASSWD: ALL' >"$root/etc/sudoers.d/ducker"
chmod 440 "$root/etc/sudoers.d/ducker"
for owner in 0:root 1000:var/ducker 1001:var/plain; do
  home=$root/${owner#*:}
  mkdir -p "$home/.ssh"
  cp "$folder/key.pub" "$home/.ssh/authorized_keys"
  chmod 700 "$home" "$home/.ssh"
  chmod 600 "$home/.ssh/authorized_keys"
  chown -R "${owner%%:*}" "$home/.ssh"
  chown "${owner%%:*}" "$home"
done
chmod 755 "$root/mnt"
chown 1000 "$root/mnt"
cat >"$root/etc/ssh/sshd_config" <<END
HostKey $folder/host_key
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
UsePAM no
UseDNS no
PrintMotd no
MaxStartups 100
MaxSessions 100
Subsystem sftp /usr/lib/openssh/sftp-server
END
mkdir -p "$root$folder"
cp -p "$folder/host_key" "$root$folder/host_key"
mkdir -p "$root/.old"
cd "$root"
pivot_root . .old
umount -l /.old
rmdir /.old
exec env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin /usr/sbin/sshd -D -e
