r"""Finding leads by words, whoever's rows the database shows: the search is part of the policy.

Under row level security the planner trusts no condition of a query before the policy has been
checked, unless its operator can tell nothing about rows that are not shown. ``LIKE`` is not such an
operator, so an index for it would never be used: each search would read every lead of the tenant.

What a policy itself asks for is trusted. So the word that is sought stands in a setting, and a
restrictive policy asks for it; the index then serves it. A restrictive policy can only take rows
away from what the others show, and no function here runs with the rights of its owner: a search
shows nothing that its reader could not read row by row.
"""

from django.db import migrations

from leadhub.core.tenancy.operations import SecureRows, TenantForeignKey

# Words are compared without case and accents, written with a Latin letter where there is one.
FOLD = r"""
CREATE FUNCTION leads_folded(words text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE
        WHEN octet_length(words) = length(words) THEN lower(words)
        ELSE replace(replace(replace(translate(
            regexp_replace(lower(normalize(words, NFKD)), '[\u0300-\u036f]', '', 'g'),
            'łøđı', 'lodi'), 'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe')
    END
$$;
"""
# "Müller" is found by "mueller" and "Mueller" by "müller": what was written with two letters is
# kept with one as well, and looked for with one.
WORDS = r"""
CREATE FUNCTION leads_as_words(VARIADIC parts text[]) RETURNS text
    LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
DECLARE
    part text;
    words text := '';
BEGIN
    FOREACH part IN ARRAY parts LOOP
        CONTINUE WHEN coalesce(part, '') = '';
        part := public.leads_folded(part);
        words := words || ' ' || part;
        IF part ~ '[aou]e' THEN
            words := words || ' ' || regexp_replace(part, '([aou])e', '\1', 'g');
        END IF;
    END LOOP;
    RETURN words;
END $$;
CREATE FUNCTION leads_as_pattern(word text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(word) < 3 THEN '% ' ELSE '%' END
        || regexp_replace(word, '([\\%_])', '\\\1', 'g') || '%'
    FROM (SELECT CASE WHEN length(short) < 3 THEN long ELSE short END
          FROM (SELECT long, regexp_replace(long, '([aou])e', '\1', 'g')
                FROM public.leads_folded(word) long) forms (long, short)) chosen (word)
$$;
CREATE FUNCTION leads_words_of(lead uuid) RETURNS text LANGUAGE plpgsql STABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT public.leads_as_words(
        l.external_id, nullif(regexp_replace(l.external_id, '\D', '', 'g'), l.external_id),
        l.city, l.postal_code, c.first_name || ' ' || c.last_name, c.company, c.email,
        -- a phone as it is dialled from abroad, and from its own country: without the code of it,
        -- which has one digit, two or three
        substr(c.phone, 2), regexp_replace(c.phone, '^\+(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|'
            '6[0-6]|8[1246]|9[0-58]|(?:2[1-689]|3[578]|42|5[09]|6[7-9]|8[035789]|9[679])\d)(\d+)$',
            '0\1'))
    FROM public.leads_lead l LEFT JOIN public.leads_leadcontact c ON c.lead_id = l.id
    WHERE l.id = lead);
END $$;
"""
DROP_WORDS = """
DROP FUNCTION leads_words_of;
DROP FUNCTION leads_as_pattern;
DROP FUNCTION leads_as_words;
"""
# Whoever changes or erases a contact need not know that there is a search.
TRIGGERS = """
CREATE FUNCTION leads_add_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.leads_leadsearch (lead_id, manufacturer_id, words)
    VALUES (NEW.lead_id, NEW.manufacturer_id, public.leads_words_of(NEW.lead_id))
    ON CONFLICT (lead_id) DO UPDATE SET words = excluded.words;
    RETURN NULL;
END $$;
CREATE FUNCTION leads_renew_words() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE lead uuid;
BEGIN
    PERFORM set_config('leadhub.sought', '', true);  -- or the row may be hidden, and words stay
    IF TG_TABLE_NAME = 'leads_lead' THEN lead := NEW.id; ELSE lead := OLD.lead_id; END IF;
    UPDATE public.leads_leadsearch SET words = public.leads_words_of(lead) WHERE lead_id = lead;
    RETURN NULL;
END $$;
CREATE TRIGGER add_words AFTER INSERT ON leads_leadcontact
    FOR EACH ROW EXECUTE FUNCTION leads_add_words();
CREATE TRIGGER renew_words AFTER UPDATE OR DELETE ON leads_leadcontact
    FOR EACH ROW EXECUTE FUNCTION leads_renew_words();
CREATE TRIGGER renew_words AFTER UPDATE OF external_id, city, postal_code ON leads_lead
    FOR EACH ROW EXECUTE FUNCTION leads_renew_words();
"""
DROP_TRIGGERS = """
DROP TRIGGER renew_words ON leads_lead;
DROP TRIGGER renew_words ON leads_leadcontact;
DROP TRIGGER add_words ON leads_leadcontact;
DROP FUNCTION leads_renew_words();
DROP FUNCTION leads_add_words();
"""
# Nothing sought takes no row away. The policy is asked before those of the tenant, which therefore
# keep their say about each row that it leaves.
POLICY = """
CREATE FUNCTION leads_sought() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(nullif(current_setting('leadhub.sought', true), ''), '%')
$$;
CREATE POLICY sought ON leads_leadsearch AS RESTRICTIVE FOR SELECT
    USING (words LIKE (SELECT leads_sought()));
"""
DROP_POLICY = """
DROP POLICY sought ON leads_leadsearch;
DROP FUNCTION leads_sought();
"""
# The index finds the longest word among the tenant's leads, the others are looked for in those.
# Equality of tenants is an operator that the planner trusts. Identifiers begin with their time, so
# that the highest are the newest.
FIND = """
CREATE INDEX leads_by_words ON leads_leadsearch USING gin (manufacturer_id, words gin_trgm_ops)
    WITH (gin_pending_list_limit = 2048);
CREATE FUNCTION leads_found(words text[], at_most int) RETURNS SETOF uuid
    LANGUAGE plpgsql STABLE ROWS 1000 AS $$
DECLARE patterns text[] := ARRAY(
    SELECT public.leads_as_pattern(word) FROM unnest(leads_found.words) word
    ORDER BY length(word) DESC);
BEGIN
    PERFORM set_config('leadhub.sought', patterns[1], true);
    RETURN QUERY SELECT s.lead_id FROM public.leads_leadsearch s
        WHERE s.manufacturer_id = (SELECT public.leadhub_manufacturer())
        AND s.words LIKE ALL (patterns[2:]) ORDER BY s.lead_id DESC LIMIT at_most;
    PERFORM set_config('leadhub.sought', '', true);
END $$;
"""
DROP_FIND = """
DROP FUNCTION leads_found;
DROP INDEX leads_by_words;
"""

# A name as two of them are compared: leads.duplicates.
NAME = r"""
CREATE FUNCTION leads_as_name(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT regexp_replace(public.leads_folded(name), '([aou])e', '\1', 'g')
$$;
"""


class Migration(migrations.Migration):
    dependencies = [("leads", "0002_row_security")]

    operations = [
        TenantForeignKey("leads_leadsearch", "lead_id", "leads_lead"),
        migrations.RunSQL(FOLD, "DROP FUNCTION leads_folded"),
        migrations.RunSQL(WORDS, DROP_WORDS),
        SecureRows("leads_leadsearch"),
        migrations.RunSQL(TRIGGERS, DROP_TRIGGERS),
        migrations.RunSQL(POLICY, DROP_POLICY),
        migrations.RunSQL(FIND, DROP_FIND),
        migrations.RunSQL(NAME, "DROP FUNCTION leads_as_name"),
    ]
