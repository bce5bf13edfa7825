/** The one door through which the app role posts jobs: it may call this function and touch no table of the job runner. */

/**
 * Runs with the rights of the migrating role, hence the fixed search path. Inside a tenant's transaction only jobs of
 * that tenant can be posted. Idempotent.
 */
export const POST_JOB = `
CREATE OR REPLACE FUNCTION buduan.post_job(
  fact text, payload json, queue text, job_key text, run_at timestamptz, max_attempts integer, priority integer
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  IF coalesce(current_setting('buduan.tenant', true), '') NOT IN ('', coalesce(payload->>'tenantId', '')) THEN
    RAISE EXCEPTION 'A job for another tenant cannot be posted from inside a tenant transaction.' USING ERRCODE = '42501';
  END IF;
  PERFORM graphile_worker.add_job(
    identifier => fact, payload => payload, queue_name => queue, run_at => run_at,
    max_attempts => max_attempts, job_key => job_key, priority => priority
  );
END $$;
-- For nodes that know no priority.
CREATE OR REPLACE FUNCTION buduan.post_job(
  fact text, payload json, queue text, job_key text, run_at timestamptz, max_attempts integer
) RETURNS void LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
  SELECT buduan.post_job(fact, payload, queue, job_key, run_at, max_attempts, 0);
$$;
REVOKE ALL ON FUNCTION buduan.post_job(text, json, text, text, timestamptz, integer, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION buduan.post_job(text, json, text, text, timestamptz, integer) FROM PUBLIC;
DO $$ BEGIN
  GRANT EXECUTE ON FUNCTION buduan.post_job(text, json, text, text, timestamptz, integer, integer) TO buduan_app;
  GRANT EXECUTE ON FUNCTION buduan.post_job(text, json, text, text, timestamptz, integer) TO buduan_app;
EXCEPTION WHEN undefined_object THEN NULL; END $$;
`;
