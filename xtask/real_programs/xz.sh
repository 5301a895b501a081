# Thirty megabytes in two threads, there and back.
if [ "$1" = prepare ]; then
  awk 'BEGIN { for (i = 0; i < 700000; i++) printf "%d %x record %d of %d\n", i, i * 7919 % 1000003, i % 977, i * i % 10007 }' > records
  exit
fi
xz -T2 --block-size=4MiB -2 -c "$data/records" > records.xz
sha256sum < records.xz
xz -T2 -dc records.xz | sha256sum
