-- Generated from the layout of the lake: change that, then `make contracts`.
CREATE EXTERNAL TABLE IF NOT EXISTS `hctap`.`gold_volumes` (
  `specialty` string,
  `month` string,
  `notes` bigint,
  `characters` bigint,
  `entities` bigint,
  `problems` bigint,
  `medications` bigint,
  `tests` bigint,
  `procedures` bigint,
  `anatomy` bigint
)
COMMENT 'Notes and entities by specialty and month.'
PARTITIONED BY (`run` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://${enriched_bucket}/gold/volumes/';
