#include <algorithm>
#include <functional>
#include <map>
#include <memory>
#include <regex>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

template <int N> struct Level : Level<N - 1> {
    std::map<std::string, std::tuple<int, std::array<char, N + 1>>> table;
    std::function<int(int)> call = [](int x) { return x + N; };
    int run(int x) { return call(x) + static_cast<int>(table.size()) + Level<N - 1>::run(x); }
};
template <> struct Level<0> {
    int run(int x) { return x; }
};

int work(int x) {
    Level<60> levels;
    std::unordered_map<std::string, std::vector<std::shared_ptr<std::set<int>>>> map;
    std::variant<int, std::string, std::vector<double>> choice = std::string("x");
    std::regex expression("([a-z]+)([0-9]+)");
    std::vector<std::pair<int, std::string>> rows(100);
    std::sort(rows.begin(), rows.end());
    std::stable_sort(rows.begin(), rows.end(), std::greater<>());
    map["a"].push_back(std::make_shared<std::set<int>>());
    return levels.run(x) + static_cast<int>(choice.index() + map.size())
        + std::regex_match("abc12", expression);
}
