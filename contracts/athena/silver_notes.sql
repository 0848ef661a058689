-- Generated from the layout of the lake: change that, then `make contracts`.
CREATE EXTERNAL TABLE IF NOT EXISTS `hctap`.`silver_notes` (
  `note_id` string,
  `specialty` string,
  `note_type` string,
  `authored_at` timestamp,
  `patient_id` string,
  `encounter_id` string,
  `source` string,
  `language` string,
  `data_class` string,
  `batch_id` string,
  `object_key` string,
  `etag` string,
  `content_sha256` string,
  `checksum` string,
  `results_of` string,
  `characters` int
)
COMMENT 'Every note that a run worked on, without its text; results_of is the note_id its entities stand under.'
PARTITIONED BY (`run` string)
STORED AS PARQUET
LOCATION 's3://${enriched_bucket}/silver/notes/';
