PRAGMA temp_store = MEMORY;
CREATE TABLE person(id INTEGER PRIMARY KEY, name TEXT, town TEXT, age INTEGER);
CREATE TABLE item(id INTEGER PRIMARY KEY, person INTEGER, what TEXT, price REAL);
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 120000)
INSERT INTO person SELECT i, 'name ' || (i * 7919 % 100003), 'town ' || (i % 317), i * 31 % 97 FROM n;
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 240000)
INSERT INTO item SELECT i, i * 613 % 120000 + 1, 'item ' || (i % 5003) || hex(i), (i % 1000) / 10.0 FROM n;
CREATE INDEX person_name ON person(name);
CREATE INDEX item_person ON item(person, what);
SELECT town, count(*), sum(price) FROM person JOIN item ON item.person = person.id GROUP BY town ORDER BY 3 DESC, 1 LIMIT 10;
SELECT count(DISTINCT what || town) FROM item JOIN person ON item.person = person.id;
UPDATE item SET what = what || ' more' WHERE id % 3 = 0;
DELETE FROM item WHERE id % 7 = 0;
SELECT count(*), sum(length(what)), group_concat(DISTINCT substr(what, 1, 6)) <> '' FROM item;
SELECT name, length(group_concat(what)) FROM person JOIN item ON item.person = person.id GROUP BY name ORDER BY 2 DESC, 1 LIMIT 5;
VACUUM;
