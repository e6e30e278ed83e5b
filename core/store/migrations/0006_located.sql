-- Data sets that say which class an image shows, and not where.

ALTER TABLE split ADD COLUMN located BOOLEAN DEFAULT true;
COMMENT ON COLUMN split.located IS 'boxes say where objects are; where false only their classes are known, and each box is the whole image';
