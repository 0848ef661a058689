-- Generated from the layout of the lake: change that, then `make contracts`.
CREATE EXTERNAL TABLE IF NOT EXISTS `hctap`.`gold_coverage` (
  `notes` bigint,
  `texts` bigint,
  `characters` bigint,
  `quarantined` bigint,
  `notes_without_entities` bigint,
  `notes_without_sections` bigint,
  `entities` bigint,
  `entities_with_code` bigint,
  `medications` bigint,
  `medications_with_amount` bigint,
  `tests` bigint,
  `tests_with_value` bigint
)
COMMENT 'How much of the notes and entities was reached.'
PARTITIONED BY (`run` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://${enriched_bucket}/gold/coverage/';
