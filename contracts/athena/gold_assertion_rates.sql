-- Generated from the layout of the lake: change that, then `make contracts`.
CREATE EXTERNAL TABLE IF NOT EXISTS `hctap`.`gold_assertion_rates` (
  `entity_type` string,
  `entities` bigint,
  `affirmed` bigint,
  `negated` bigint,
  `uncertain` bigint,
  `historical` bigint,
  `hypothetical` bigint,
  `family` bigint,
  `negated_rate` double,
  `uncertain_rate` double,
  `historical_rate` double,
  `hypothetical_rate` double,
  `family_rate` double
)
COMMENT 'How often entities of each type are negated, uncertain, historical, hypothetical, of relatives.'
PARTITIONED BY (`run` string)
ROW FORMAT SERDE 'org.openx.data.jsonserde.JsonSerDe'
LOCATION 's3://${enriched_bucket}/gold/assertion_rates/';
