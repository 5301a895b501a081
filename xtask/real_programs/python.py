import hashlib
import json
import re

words = [hashlib.md5(str(n).encode()).hexdigest()[: 3 + n % 20] for n in range(120_000)]
count = {}
for word in words:
    count[word[:4]] = count.get(word[:4], 0) + 1
records = [{"id": n, "name": word, "tags": [word[i : i + 3] for i in range(0, len(word), 3)]} for n, word in enumerate(words)]
text = json.dumps(records)
again = json.loads(text)
again.sort(key=lambda record: (record["name"], record["id"]))
joined = ",".join(record["name"] for record in again)
found = re.findall(r"[a-f]{3}[0-9]+", joined)
parts = []
for n in range(60_000):
    parts.append("x" * (n % 300))
    if n % 3 == 0:
        parts.pop(n % len(parts))
print(len(text), len(count), len(found), sum(map(len, parts)))
print(hashlib.sha256(joined.encode()).hexdigest())
