-- Generated from the layout of the lake: change that, then `make contracts`.
CREATE EXTERNAL TABLE IF NOT EXISTS `hctap`.`silver_entities` (
  `note_id` string,
  `text` string,
  `norm_text` string,
  `begin` int,
  `end` int,
  `score` double,
  `section` string,
  `negated` boolean,
  `uncertain` boolean,
  `historical` boolean,
  `hypothetical` boolean,
  `family` boolean,
  `codes` array<struct<`system`:string,`code`:string,`display`:string,`score`:double,`release`:string,`reason`:string>>,
  `attributes` array<struct<`type`:string,`text`:string,`begin`:int,`end`:int,`norm`:string>>,
  `extractor` string,
  `extractor_version` string,
  `method` string,
  `rule` string,
  `cues` array<struct<`attribute`:string,`text`:string,`begin`:int,`end`:int,`rule`:string,`scope_begin`:int,`scope_end`:int>>
)
COMMENT 'What was found, once for each distinct text; join silver_notes.results_of to note_id.'
PARTITIONED BY (`run` string, `entity_type` string)
STORED AS PARQUET
LOCATION 's3://${enriched_bucket}/silver/entities/';
