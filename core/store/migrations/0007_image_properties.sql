-- What the photographs look like, so that images can be filtered by it and weak slices found.

CREATE TABLE image_property (
    image_id INTEGER PRIMARY KEY,
    brightness DOUBLE,
    contrast DOUBLE
);
COMMENT ON TABLE image_property IS 'What was measured of each photograph, once; images that nobody measured yet have no row';
COMMENT ON COLUMN image_property.image_id IS 'image';
COMMENT ON COLUMN image_property.brightness IS 'mean luma (ITU-R BT.601), 0 to 255, to a tenth; NULL if the photograph could not be read';
COMMENT ON COLUMN image_property.contrast IS 'standard deviation of the luma, 0 to 127.5, to a tenth; NULL if the photograph could not be read';
