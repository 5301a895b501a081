# Templates of the C++ library.
g++ -std=c++17 -O1 -c "$inputs/templates.cpp" -o templates.o
sha256sum < templates.o
