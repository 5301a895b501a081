# A C file of 450 functions, optimised.
if [ "$1" = prepare ]; then
  awk 'BEGIN {
    print "typedef struct { int a[8]; double d; struct { char *p; } s; } T;"
    for (i = 0; i < 450; i++)
      printf "double f%d(T *t, int n) { double r = %d; for (int i = 0; i < n; i++) { if (t[i].a[%d] > i) r += t[i].d * %d; else t[i].a[i & 7] ^= n %% %d; } switch (n & 7) { case 1: return r; case 2: return r * n; case 5: return t->d; default: return %s; } }\n", i, i, i % 8, i + 3, i + 2, i ? "f" (i - 1) "(t, n - 1)" : "r"
  }' > big.c
  exit
fi
gcc -O2 -c "$data/big.c" -o big.o
sha256sum < big.o
