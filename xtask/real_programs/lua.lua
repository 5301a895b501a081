local function tree(depth)
  if depth == 0 then return {} end
  return { tree(depth - 1), tree(depth - 1), name = "node" .. depth }
end
local function count(node)
  local sum = 1
  for _, child in ipairs(node) do sum = sum + count(child) end
  return sum
end
local total = 0
for round = 1, 8 do total = total + count(tree(14 + round % 3)) end
local words, parts = {}, {}
for i = 1, 300000 do
  local word = string.format("%x", i * 7919 % 1000003)
  words[word] = (words[word] or 0) + i
  if i % 2 == 0 then parts[#parts + 1] = word .. i end
end
table.sort(parts)
local text = table.concat(parts, " ")
local upper = text:gsub("%a+", string.upper)
print(total, #text, #upper, parts[1], parts[#parts])
