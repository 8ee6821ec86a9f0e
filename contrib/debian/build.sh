#!/bin/sh
# Makes the Debian package of what `make install` left in ROOT: ROOT gets what a package has besides, DEB is written.
# usage: contrib/debian/build.sh ROOT VERSION DEB
set -eu

root=$1 version=$2 deb=$3
here=$(dirname "$0")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

install -D -m 640 "$here/twinleg.cfg" "$root/etc/twinleg/twinleg.cfg"
install -D -m 640 "$here/../example/routes.cfg" "$root/etc/twinleg/routes.cfg"
install -D -m 644 "$here/logrotate" "$root/etc/logrotate.d/twinleg"
install -m 644 "$here/copyright" "$root/usr/share/doc/twinleg/copyright"
date=$(date -R -u -d "@${SOURCE_DATE_EPOCH:-$(stat -c %Y "$here/control")}")
maintainer=$(sed -n 's/^Maintainer: //p' "$here/control")
printf 'twinleg (%s) stable; urgency=medium\n\n  * Made from its sources: their log tells what has changed.\n\n -- %s  %s\n' \
    "$version" "$maintainer" "$date" | gzip -9n >"$root/usr/share/doc/twinleg/changelog.gz"
chmod 644 "$root/usr/share/doc/twinleg/changelog.gz"
find "$root/usr/share/man" -type f ! -name '*.gz' -exec gzip -9n {} +

# What the programs are linked with names the packages that they need.
mkdir "$work/debian"
printf 'Source: twinleg\n\nPackage: twinleg\nArchitecture: any\n' >"$work/debian/control"
programs="$(realpath "$root/usr/sbin/twinleg") $(realpath "$root/usr/bin/twinlegctl")"
# shellcheck disable=SC2086
depends=$(cd "$work" && dpkg-shlibdeps -O $programs 2>/dev/null | sed -n 's/^shlibs:Depends=//p')
[ -n "$depends" ] || { echo 'dpkg-shlibdeps found no packages' >&2; exit 1; }

mkdir -p "$root/DEBIAN"
sed -e "s|@VERSION@|$version|" -e "s|@ARCHITECTURE@|$(dpkg --print-architecture)|" -e "s|@DEPENDS@|$depends|" \
    "$here/control" >"$root/DEBIAN/control"
echo "Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f1)" >>"$root/DEBIAN/control"
install -m 644 "$here/conffiles" "$root/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    install -m 755 "$here/$script" "$root/DEBIAN/$script"
done
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
dpkg-deb --root-owner-group --build "$root" "$deb" >/dev/null
