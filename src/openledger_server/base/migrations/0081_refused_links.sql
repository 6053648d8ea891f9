-- A public token that was obtained through another entity's link token is refused. The access that was stored for it at
-- the exchange, before anything was known of it, has to go without a trace: it is not this entity's. Nothing else may
-- delete an item; one that was ever linked stays.
CREATE FUNCTION forget_refused_link(in_entity_id bigint, in_item_id bigint) RETURNS void
  LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  DELETE FROM item
   WHERE entity_id = in_entity_id AND id = in_item_id AND state = 'linking'
     AND in_entity_id::text = current_setting('app.entity_id', true)
$$;
REVOKE EXECUTE ON FUNCTION forget_refused_link(bigint, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_refused_link(bigint, bigint) TO openledger_app;
