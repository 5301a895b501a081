# The server under a client that stores, reads and deletes.
memcached -u root -U 0 -s "$PWD/memcached.sock" -m 64 -t 2 &
server=$!
for _ in $(seq 200); do
  [ -S memcached.sock ] && break
  sleep 0.05
done
perl "$inputs/memcached.pl"
kill -TERM "$server"
code=0
wait "$server" || code=$?
# Older versions end by the signal, newer ones orderly.
[ "$code" -eq 0 ] || [ "$code" -eq 143 ]
