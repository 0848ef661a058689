-- Generated from the layout of the lake: change that, then `make contracts`.
CREATE EXTERNAL TABLE IF NOT EXISTS `hctap`.`entities` (
  `note_id` string,
  `run_id` string,
  `entity_type` string,
  `text` string,
  `norm_text` string,
  `begin` int,
  `end` int,
  `score` double,
  `section` string,
  `codes` array<struct<`system`:string,`code`:string,`display`:string,`score`:double,`release`:string,`reason`:string>>,
  `attributes` array<struct<`type`:string,`text`:string,`begin`:int,`end`:int,`norm`:string>>
)
COMMENT 'The parts that a run wrote itself, as JSON Lines; what it carried over is in silver_entities.'
PARTITIONED BY (`run` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://${enriched_bucket}/entities/';
