-- Generated from the layout of the lake: change that, then `make contracts`.
MSCK REPAIR TABLE `hctap`.`gold_assertion_rates`;
