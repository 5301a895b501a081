# A history of three hundred commits, repacked from scratch.
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null HOME="$PWD"
if [ "$1" = prepare ]; then
  awk 'BEGIN {
    for (c = 1; c <= 300; c++) {
      printf "commit refs/heads/main\ncommitter A <a@example.org> %d +0000\ndata 1\nc\n", 1600000000 + c
      for (f = 0; f < 4; f++) {
        text = ""
        for (l = 0; l < 120; l++) text = text "line " (l * 31 + f) % 97 " of " (l < c % 120 ? c : l) "\n"
        printf "M 100644 inline dir%d/file%d\ndata %d\n%s\n", (c * 7 + f) % 23, (c + f) % 41, length(text), text
      }
    }
  }' > stream
  exit
fi
git init --quiet --initial-branch main repository
cd repository
git fast-import --quiet < "$data/stream"
git -c pack.threads=2 gc --aggressive --quiet --prune=now
git fsck --full --strict 2>&1
git rev-list --all --objects | sha256sum
git log --stat --format=%H | sha256sum
