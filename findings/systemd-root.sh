#!/usr/bin/env bash
# For the findings about systemd: systemd-root.sh 252|257 FOLDER puts that systemd (Debian 12, 13) and what it needs into FOLDER/root,
# and FOLDER/boot, which starts it as the first process of its own namespaces: `FOLDER/boot UNITS OUT SECONDS` starts guess.target
# of the folder UNITS, with the folder OUT as /out, and ends it after so many seconds. Needs root, and touches nothing outside.
set -euo pipefail
[ "$(uname -m)" = x86_64 ] || { echo "the pinned packages are for amd64"; exit 1; }
[ "$(id -u)" = 0 ] || { echo "this needs root, for the namespaces"; exit 1; }
version=$1 folder=$2
mkdir -p "$folder"/root/{usr/{bin,sbin,lib,lib64},proc,sys,dev,run,tmp,out,outside,etc/systemd/system,root,var/lib,var/log}
cd "$folder"
for name in bin sbin lib lib64; do ln -s "usr/$name" "root/$name"; done
while read -r of sum address; do
    [ "$of" = "$version" ] || continue
    file=${address##*/}
    curl -sSf -o "$file" "http://deb.debian.org/debian/pool/main/$address"
    echo "$sum  $file" | sha256sum --quiet -c
    dpkg-deb --fsys-tarfile "$file" | tar -x --keep-directory-symlink -C root
    rm "$file"
done <<'PACKAGES'
252 3d3fdbe91d4660c873e14b092c213fe81c1da6362daa236eb25d0171eb108744 b/busybox/busybox-static_1.35.0-4+deb12u1+b1_amd64.deb
252 1896a2aacf4ad681ff5eacc24a5b0ca4d5d9c9b9c9e4b6de5197bc1e116ea619 g/gcc-12/gcc-12-base_12.2.0-14+deb12u1_amd64.deb
252 8be9df5795114bfe90e2be3d208ef47a5edd3fc7b3e20d387a597486d444e5e2 a/acl/libacl1_2.3.1-3_amd64.deb
252 4b79f49eafc2017374da9ec206b5495433eadd2b1ea078c3895c99e72825e9d3 a/apparmor/libapparmor1_3.0.8-3_amd64.deb
252 4a8155b06270b88eed34d132acfc8ccc0b85499e1c4bfd7f31f8b199af42b1de a/argon2/libargon2-1_0~20171227-0.3+deb12u1_amd64.deb
252 17d0341ca6ce604ce59c296780ac2c2a24141a769823c50669af942c025e6591 a/audit/libaudit-common_3.0.9-1_all.deb
252 30954df4b5a7c505661ba8ae5e6ea94f5805e408899fb400783bb166eb5ff306 a/audit/libaudit1_3.0.9-1_amd64.deb
252 5a083377f29191cafcdf0f91ec124349b4a7895b531556633a136e43c6d53943 u/util-linux/libblkid1_2.38.1-5+deb12u3_amd64.deb
252 ba4f88f73dbc3ae9055f3c20f4523bfdbaf1ad13ff95e258924f77d20b4fbedf g/glibc/libc6_2.36-9+deb12u14_amd64.deb
252 b4b54769c77e4a71c8b33aee4d600ba28a9994a1c6f60d55d4ebe7fc44882e07 libc/libcap-ng/libcap-ng0_0.8.3-1+b3_amd64.deb
252 8d684c673e7483802a5c447834b0df6fce006eb3a7109e1be412f5ad425bb24f libc/libcap2/libcap2_2.66-4+deb12u3+b1_amd64.deb
252 f5f60a5cdfd4e4eaa9438ade5078a57741a7a78d659fcb0c701204f523e8bd29 libx/libxcrypt/libcrypt1_4.4.33-2_amd64.deb
252 b9a607c219be5ef04bc0fcfaec3752d9a1ba07df8d3bb2aed9bf348f90d1b6cc c/cryptsetup/libcryptsetup12_2.6.1-4~deb12u2_amd64.deb
252 8af145cff6ca72529f63e0bf6d9c68c8512387e67f64e66d00e36f72bed99160 u/util-linux/libfdisk1_2.38.1-5+deb12u3_amd64.deb
252 6d9f6c25c30efccce6d4bceaa48ea86c329a3432abb360a141f76ac223a4c34a libf/libffi/libffi8_3.4.4-1_amd64.deb
252 3016e62cb4b7cd8038822870601f5ed131befe942774d0f745622cc77d8a88f7 g/gcc-12/libgcc-s1_12.2.0-14+deb12u1_amd64.deb
252 e7a56552139c693904a6f9712234c05fe918353273a7cbdb5e62f423ad71bb97 libg/libgcrypt20/libgcrypt20_1.10.1-3+deb12u1_amd64.deb
252 89944ee11d7370ce6ef46fc52f094c4a6512eff8943ec4c6ebefeae6360ceada libg/libgpg-error/libgpg-error0_1.46-1_amd64.deb
252 f2c48b367f9ec13f9aa577e7ccf81b371ce5d5fe22dddf9d7aa99f1e0bb7cfc4 i/iptables/libip4tc2_1.8.9-2_amd64.deb
252 d0e1ed8637d1c26b9720f6057d6355f18378bba5cc2553e459d1632783c00d70 j/json-c/libjson-c5_0.16-2_amd64.deb
252 af63bbbfc15fbd1f254b15c393b3b95b18b18cc81348fc1b4f1c9c34b4d672d7 k/kmod/libkmod2_30+20221128-1_amd64.deb
252 64cde86cef1deaf828bd60297839b59710b5cd8dc50efd4f12643caaee9389d3 l/lz4/liblz4-1_1.9.4-1_amd64.deb
252 f96d8876b53ec89d76a992bc199679b818cf518225a768954d9451fb556a4eb7 x/xz-utils/liblzma5_5.4.1-1+deb12u1_amd64.deb
252 f46e2d6b006951825adde9757790b6609d7c66c7700f9b68f3db913eaac323c3 u/util-linux/libmount1_2.38.1-5+deb12u3_amd64.deb
252 251330faddbf013f060fcdb41f4b0c037c8a6e89ba7c09b04bfcc4e3f0807b22 p/p11-kit/libp11-kit0_0.24.1-2_amd64.deb
252 a06f889caf9e97ccf04dedec0905573916bc6ec3366ade2c6ef8900047fd5cc1 p/pam/libpam0g_1.5.2-6+deb12u2_amd64.deb
252 030db54f4d76cdfe2bf0e8eb5f9efea0233ab3c7aa942d672c7b63b52dbaf935 p/pcre2/libpcre2-8-0_10.42-1_amd64.deb
252 108fe67957ca7cf9ba51d801118a1b37d404bea7b6e365025cd00779e9eca38d libs/libseccomp/libseccomp2_2.5.4-1+deb12u1_amd64.deb
252 2b07f5287b9105f40158b56e4d70cc1652dac56a408f3507b4ab3d061eed425f libs/libselinux/libselinux1_3.4-1+b6_amd64.deb
252 89be24b41bff568ee6e7caf5680a3d808e80315ed92e407056ce0fa7a5bda025 o/openssl/libssl3_3.0.20-1~deb12u2_amd64.deb
252 01458465c816b9eb63b92241869ddb46f332b8f498cf7a5979b84ec293cfdfda s/systemd/libsystemd-shared_252.39-1~deb12u2_amd64.deb
252 013c07514a9e4933b2d5c098018695a6aa42d085dbc483ce2c094a954c8a1b0a s/systemd/libsystemd0_252.39-1~deb12u2_amd64.deb
252 5fff398321da62d28a842bcbabd193d72ae21724962c029dc32b1dc6b2deaeaf u/util-linux/libuuid1_2.38.1-5+deb12u3_amd64.deb
252 6315b5ac38b724a710fb96bf1042019398cb656718b1522279a5185ed39318fa libz/libzstd/libzstd1_1.5.4+dfsg2-5_amd64.deb
252 286f879c537bfba92e59d580c075ad20ab49020244c79634656850a306dd462b s/systemd/systemd_252.39-1~deb12u2_amd64.deb
257 598a3fd92bdafc34cd81196b2952ad36e910e47a4ecf162f8ce5e8e262598e53 b/busybox/busybox-static_1.37.0-6+b9_amd64.deb
257 5b6825de4263824b78c4c51f6476414f3b4e89c2ab63e81dc8b9b5501e867cf6 g/gcc-14/gcc-14-base_14.2.0-19_amd64.deb
257 08074f01e384bc07c0c2d79a58cf4a6523f71cf75d1808101c79617656c9a39d a/acl/libacl1_2.3.2-2+b1_amd64.deb
257 4158976c77038b93021967f425b4cc505df18c4f5e3f444732399e7ed4af4419 a/apparmor/libapparmor1_4.1.0-1_amd64.deb
257 b9d32e5ff04fd747aacb7d6b3ebbbbf734ddefb2f1695f0b1b2a4b5e51b1052e a/audit/libaudit-common_4.0.2-2+deb13u1_all.deb
257 3d1dd3f031a56f01b747e2acc0e14575212580e6fa63d800c44cb0a31f1edfd7 a/audit/libaudit1_4.0.2-2+deb13u1_amd64.deb
257 81535f3c2c0efc732965907c8749103a0a26377c761622c9ce39b4c92dcde52f u/util-linux/libblkid1_2.41.5-0+deb13u1_amd64.deb
257 b59b0625cd1a791375d40dab23a4d5d3d0641e3d0a773501becdc3725b7f99cf g/glibc/libc6_2.41-12+deb13u5_amd64.deb
257 20a9e4b0619a3eb2566338223bed135dde5a601eaa2f8fdd5f20b94506addcac libc/libcap-ng/libcap-ng0_0.8.5-4+b1_amd64.deb
257 89fc4d34fc7a28ad6f0fcd0c561ab253b9dedf6f77f5a000b47c276c8295bf67 libc/libcap2/libcap2_2.75-10+deb13u1+b3_amd64.deb
257 0ebc144d662e3197982d1bf3a7b8b35ca845e54c68811de0328b1f0d7c67585c libx/libxcrypt/libcrypt1_4.4.38-1_amd64.deb
257 3c71917b490d1a17aed43196a2787a256ecf060526cdb20216a74bedc061b150 g/gcc-14/libgcc-s1_14.2.0-19_amd64.deb
257 6d00f45f2e80e078e906e3eedecd3ba6913e39fef49bff361ee583f17f00ec05 u/util-linux/libmount1_2.41.5-0+deb13u1_amd64.deb
257 4f5bde27d8df2de6ea8990319b42d9974f56a3ba9907ce7296fd0f8964fc9fb1 p/pam/libpam0g_1.7.0-5_amd64.deb
257 e226f661d918f04daf38cdbc4806b7ed7d6ef95c7eb0ade692fc350e31970040 p/pcre2/libpcre2-8-0_10.46-1~deb13u3_amd64.deb
257 89d5138e05fb6a86b9afd8b54dc0fb4b14f4c27c05e6c5f767c2132bdf808531 libs/libseccomp/libseccomp2_2.6.0-2_amd64.deb
257 68bb8d32bd8d6d7d2f5952a169db03d1484b46ae1e52abccdec42a19dccea5d5 libs/libselinux/libselinux1_3.8.1-1_amd64.deb
257 ffefb9af363e0e4592251b2533eb06453c8e470f7772e40263c4b2129251a6d5 o/openssl/libssl3t64_3.5.9-1~deb13u1_amd64.deb
257 2d349824e57f88507e2a33360610d8afc143a4ad5e80ee4bf8f37b826d6f37f9 s/systemd/libsystemd-shared_257.13-1~deb13u1_amd64.deb
257 ab0d4127b5e46e6f8c015a1db15a62ba9ae274cdefa150083adf90ada0600ea1 s/systemd/libsystemd0_257.13-1~deb13u1_amd64.deb
257 2f6a2aeacfc925eba8b00ac9139bc4bfccf8cacb09eb93de067074b26948eef9 libz/libzstd/libzstd1_1.5.7+dfsg-1_amd64.deb
257 67c70904c8d494b4631e136a6bdb692cbb44515757d63c55e7bd1d2016f9f09f o/openssl/openssl-provider-legacy_3.5.9-1~deb13u1_amd64.deb
257 ee81302a1d5b7434762b6e784a572854d4b6cf6235e33e2d104ad4e1cae71ab4 s/systemd/systemd_257.13-1~deb13u1_amd64.deb
257 8c27c342230503b73dfde629642c3b352e87b554e06d60cf58772f236a305ceb z/zlib/zlib1g_1.3.dfsg+really1.3.1-1+deb13u1_amd64.deb
PACKAGES
for name in sh id ls stat cat sleep touch mount umount ip; do ln -sf "$(cd root; echo /usr/bin/busybox)" "root/usr/bin/$name"; done
[ -e root/usr/bin/busybox ]
printf 'root:x:0:0::/root:/bin/sh\nnobody:x:65534:65534::/:/bin/sh\n' > root/etc/passwd
printf 'root:x:0:\nnogroup:x:65534:\n' > root/etc/group
: > root/etc/machine-id
cat > inside <<'INSIDE'
#!/usr/bin/env bash
# The first process of the new namespaces, until it becomes systemd.
set -euo pipefail
root=$1 units=$2 out=$3
mount --make-rprivate /
mount --bind "$root" "$root"
cp -r "$units"/. "$root/etc/systemd/system/"
mount -t proc proc "$root/proc"
mount -t sysfs sysfs "$root/sys"
mount -t cgroup2 cgroup2 "$root/sys/fs/cgroup"
mount -t tmpfs dev "$root/dev"
mkdir "$root"/dev/{pts,shm,mqueue,hugepages}
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
ln -s pts/ptmx "$root/dev/ptmx"
for name in null zero full random urandom tty; do touch "$root/dev/$name"; mount --bind "/dev/$name" "$root/dev/$name"; done
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs tmp "$root/tmp"
mount --bind "$out" "$root/out"
cd "$root"
pivot_root . outside
export PATH=/usr/bin container=finding
hash -r
umount -l /outside
mount --make-rshared /
exec /lib/systemd/systemd --system --unit=guess.target --log-level=warning --log-target=null --show-status=0 < /dev/null > /dev/null 2>&1
INSIDE
cat > boot <<'BOOT'
#!/usr/bin/env bash
set -euo pipefail
folder=$(cd "$(dirname "$0")" && pwd)
groups=$(findmnt -n -o TARGET -t cgroup2 | head -1)
group=$groups/finding-$$
mkdir "$group"
trap 'for _ in $(seq 50); do [ -d "$group" ] || break; find "$group" -depth -type d -exec rmdir {} \; 2> /dev/null; sleep 0.1; done' EXIT
{ (echo "$BASHPID" > "$group/cgroup.procs"
 exec timeout -s KILL "$3" unshare --mount --pid --fork --kill-child --cgroup --uts --ipc --net bash "$folder/inside" "$folder/root" "$1" "$2"); } 2> /dev/null || true
BOOT
chmod 755 inside boot
