# The server under redis-benchmark, then a data set of its own and its digest.
redis-server --port 0 --unixsocket "$PWD/redis.sock" --save '' --appendonly no --loglevel warning --enable-debug-command local > server.log &
server=$!
call() { redis-cli -s redis.sock "$@"; }
for _ in $(seq 200); do
  call ping > ping.log 2>&1 && break
  sleep 0.05
done
redis-benchmark -s redis.sock -q -c 20 -n 60000 -r 50000 -d 100 -t set,get,lpush,hset,zadd > benchmark.log
call flushall
call eval 'for i = 1, 60000 do
  redis.call("set", "key" .. i, string.rep("v", i % 400))
  redis.call("hset", "hash" .. i % 1000, "field" .. i, i)
  if i % 3 == 0 then redis.call("del", "key" .. i - 2) end
end return redis.call("dbsize")' 0
call debug digest
call shutdown nosave || true
wait "$server"
