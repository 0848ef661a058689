-- Generated from the layout of the lake: change that, then `make contracts`.
CREATE EXTERNAL TABLE IF NOT EXISTS `hctap`.`gold_top_terms` (
  `grouping` string,
  `specialty` string,
  `month` string,
  `entity_type` string,
  `norm_text` string,
  `notes` bigint,
  `mentions` bigint,
  `rank` int
)
COMMENT 'Affirmed problems and medications by notes: all, by specialty, by month, by both.'
PARTITIONED BY (`run` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://${enriched_bucket}/gold/top_terms/';
