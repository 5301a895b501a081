# Tables and strings under Lua's collector.
exec lua5.4 "$inputs/lua.lua"
