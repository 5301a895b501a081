# A database in memory: inserts, indexes, joins, groups.
exec sqlite3 :memory: < "$inputs/sqlite3.sql"
