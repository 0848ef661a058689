-- Generated from the layout of the lake: change that, then `make contracts`.
ALTER TABLE `hctap`.`entities` ADD IF NOT EXISTS
  PARTITION (run = '${run_id}');
