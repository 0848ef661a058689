-- Generated from the layout of the lake: change that, then `make contracts`.
ALTER TABLE `hctap`.`silver_entities` ADD IF NOT EXISTS
  PARTITION (run = '${run_id}', entity_type = 'PROBLEM')
  PARTITION (run = '${run_id}', entity_type = 'MEDICATION')
  PARTITION (run = '${run_id}', entity_type = 'TEST')
  PARTITION (run = '${run_id}', entity_type = 'PROCEDURE')
  PARTITION (run = '${run_id}', entity_type = 'ANATOMY');
