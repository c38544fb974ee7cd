-- The benchmark's world, as tables whose columns are the canonical datasets and rule files (contract §2 and §3).
-- Charter: what the rows are. Where they go (folders, file names) is decided in generate.py.
-- Everything is derived from range() and an integer hash, so that one seed always gives the same bytes; money is
-- computed in whole 1/100 or 1/10000 units and quantities in hundredths, never in floating point.
--
-- Shape: client c owns the lines i = 25c … 25c+24. Its slots 0–21 are keys of vendor-backed products. Slots 22–24 are
-- second vendor lines of the keys in slots 0–2 (a second subscription, or a change in mid-month), while their
-- agreement and invoice lines are services without a vendor. So each of the four legs has exactly `lines` rows.
-- Variables: lines, seed, per_mille (of the lines that get an exception).

CREATE MACRO h1(x) AS (xor(x, x >> 15) * 48271) % 2147483647;
CREATE MACRO h2(x) AS (xor(x, x >> 13) * 69621) % 2147483647;
CREATE MACRO h(i, salt) AS
    h2(h1((i::BIGINT * 1103515245 + salt * 362436069::BIGINT + getvariable('seed') * 521288629::BIGINT) % 2147483647)) >> 4;
CREATE MACRO half_up(n, d) AS ((2 * n + d) // (2 * d))::BIGINT;     -- n ≥ 0, d > 0
CREATE MACRO cents(n) AS n::BIGINT * 0.01::DECIMAL(3, 2);
CREATE MACRO price(n) AS n::BIGINT * 0.0001::DECIMAL(5, 4);

CREATE TABLE sources AS FROM (VALUES ('pax8', 'PX', 0), ('tdsynnex', 'TD', 1)) t (source, prefix, side);

-- list_price and unit_cost in 1/10000; units_per: product units in one SKU unit.
CREATE TABLE catalog AS
SELECT p, name AS product_name,
       'P' || lpad(p::VARCHAR, 2, '0') || '-' || upper(regexp_replace(name, '[^A-Za-z0-9]+', '-', 'g')) AS product_code,
       p < 36 AS vendor_backed, (list_cents * 100 + CASE WHEN p % 12 = 7 THEN 35 ELSE 0 END)::BIGINT AS list_price,
       CASE WHEN p % 2 = 0 THEN 'pax8' ELSE 'tdsynnex' END AS source,
       'SKU-' || lpad((p * 7919 % 100000)::VARCHAR, 5, '0') || ':' || lpad((p % 4 + 1)::VARCHAR, 4, '0') AS sku_id,
       CASE WHEN p % 9 = 4 THEN 5 ELSE 1 END AS units_per,
       CASE WHEN p = 35 THEN 10 ELSE 0 END AS minimum_quantity,
       half_up(list_price * units_per * 78, 10000) * 100 AS unit_cost
FROM (VALUES
    (0, 'Microsoft 365 Business Basic', 600), (1, 'Microsoft 365 Business Standard', 1250),
    (2, 'Microsoft 365 Business Premium', 2200), (3, 'Microsoft 365 E3', 3600), (4, 'Microsoft 365 E5', 5700),
    (5, 'Office 365 E1', 1000), (6, 'Exchange Online Plan 1', 400), (7, 'Exchange Online Plan 2', 800),
    (8, 'Entra ID P1', 600), (9, 'Entra ID P2', 900), (10, 'Intune Plan 1', 800), (11, 'Visio Plan 2', 1500),
    (12, 'Project Plan 3', 3000), (13, 'Power BI Pro', 1400), (14, 'Teams Phone', 1000), (15, 'Copilot', 3000),
    (16, 'Defender for Business', 300), (17, 'Endpoint Detection', 550), (18, 'Managed SOC', 950),
    (19, 'Email Security', 325), (20, 'Security Awareness Training', 275), (21, 'Password Manager', 450),
    (22, 'Multi-Factor Authentication', 300), (23, 'DNS Filtering', 125), (24, 'Backup for Workstations', 700),
    (25, 'Backup for Servers', 4900), (26, 'Backup for Microsoft 365', 350), (27, 'Remote Monitoring Agent', 400),
    (28, 'Patch Management', 200), (29, 'VPN Client', 500), (30, 'Firewall Subscription', 8900),
    (31, 'Wireless Access Point Licence', 1100), (32, 'Voice Seat', 1995), (33, 'Fax Line', 895),
    (34, 'Document Signing', 2500), (35, 'Mobile Device Management', 375),
    (36, 'Managed Workstation', 4500), (37, 'Virtual CIO Hours', 17500), (38, 'Managed Site', 25000), (39, 'Labour', 14500)
) t (p, name, list_cents);

-- What differs from a matching line, by kind. `host` is the line whose vendor subscription family this line joins.
CREATE TABLE drawn AS
WITH placed AS (
    SELECT range AS i, range // 25 AS c, range % 25 AS slot, CASE WHEN slot >= 22 THEN range - 22 ELSE range END AS host
    FROM range(getvariable('lines'))
)
SELECT i, c, slot, host, ((c * 11 + host % 25) % 36)::INTEGER AS vendor_p,
       CASE
           WHEN slot = 24 AND h(i, 1) % 1000 < 5 * getvariable('per_mille')
               THEN (['duplicate', 'late', 'not_prorated'])[h(i, 2) % 3 + 1]
           WHEN slot = 24 THEN (['added', 'added', 'added', 'added', 'tax', 'credit', 'one_time'])[h(i, 2) % 7 + 1]
           WHEN h(i, 1) % 1000 < getvariable('per_mille')
               THEN (['short', 'over', 'price', 'amount', 'cent', 'not_invoiced', 'ended', 'unbilled', 'cancelled',
                      'vendor_amount', 'vendor_price', 'count', 'unused'])[h(i, 2) % 13 + 1]
           ELSE 'match'
       END AS kind,
       kind IN ('added', 'not_prorated') AS is_change,
       CASE WHEN slot = 22 THEN 36 WHEN slot = 23 THEN 37 WHEN slot = 24 AND NOT is_change THEN 38 ELSE vendor_p END AS client_p,
       -- first day of a change in mid-month: the 5th to the 26th
       CASE WHEN is_change THEN DATE '2026-06-05' + (h(i, 3) % 22)::INTEGER ELSE DATE '2026-06-01' END AS first_day,
       1 + h(i, 4) % 12 * (h(i, 5) % 4 + 1) + CASE WHEN slot < 3 AND vendor_p = 35 THEN 10 ELSE 0 END AS seats,
       CASE WHEN h(host, 6) % 3 = 0 THEN 'annual' ELSE 'monthly' END AS term
FROM placed;

-- One row per line with every number the four legs need.
CREATE TABLE line AS
WITH priced AS (
    SELECT d.*, v.source, v.sku_id, v.units_per, v.product_name AS sku_name,
           (DATE '2026-07-01' - first_day)::BIGINT AS days,
           CASE WHEN term = 'annual' THEN half_up(v.unit_cost * 95, 10000) * 100 ELSE v.unit_cost END AS full_cost,
           k.product_code,
           half_up(k.list_price * (1000 - 5 * (h(d.c * 64 + d.client_p, 7) % 17)), 100000) * 100
               + k.list_price % 100 AS agreed_price,
           -- a second subscription is invoiced on the line of the first
           seats + CASE WHEN d.slot < 2 AND d.i + 22 < getvariable('lines')
                        THEN 1 + h(d.i + 22, 4) % 12 * (h(d.i + 22, 5) % 4 + 1) ELSE 0 END AS all_seats,
           k.minimum_quantity
    FROM drawn d JOIN catalog v ON v.p = d.vendor_p JOIN catalog k ON k.p = d.client_p
)
SELECT *,
       CASE kind WHEN 'vendor_price' THEN full_cost + full_cost * 3 // 100 ELSE half_up(full_cost * days, 30) END AS line_cost,
       100 * CASE WHEN client_p < 36 THEN greatest(all_seats * units_per, CASE WHEN slot < 22 THEN minimum_quantity ELSE 0 END)
                  ELSE seats END + CASE WHEN client_p = 37 THEN 25 * (h(i, 8) % 4) ELSE 0 END AS agreed_hundredths,
       agreed_hundredths + 100 * CASE kind WHEN 'over' THEN 1 + h(i, 9) % 3
                                           WHEN 'short' THEN CASE WHEN agreed_hundredths >= 200 THEN -1 ELSE 1 END
                                           ELSE 0 END AS invoiced_hundredths,
       CASE WHEN kind <> 'price' THEN agreed_price WHEN h(i, 10) % 3 = 0 THEN agreed_price * 27 // 25
            ELSE agreed_price * 23 // 25 END AS invoiced_price,
       kind IN ('not_invoiced', 'ended', 'unbilled') AS is_labour
FROM priced;

CREATE TABLE vendor_charges_raw AS
SELECT i, l.source,
       'L' || lpad(i::VARCHAR, 8, '0') AS line_id,
       prefix || '8-202606-' || lpad((c // 50)::VARCHAR, 5, '0') AS invoice_id,
       prefix || '-' || lpad((c * 104729 % 9999991)::VARCHAR, 7, '0') AS vendor_customer_id,
       'Client ' || c || ' (' || prefix || ')' AS vendor_customer_name,
       sku_id, sku_name,
       'SUB-' || lpad(i::VARCHAR, 9, '0') AS subscription_id,
       CASE WHEN kind IN ('tax', 'credit', 'one_time') THEN kind WHEN kind = 'cancelled' THEN 'one_time'
            ELSE 'recurring' END AS charge_category,
       CASE kind WHEN 'added' THEN 'seat add' WHEN 'not_prorated' THEN 'seat add' WHEN 'cancelled' THEN 'cancellation fee'
            WHEN 'tax' THEN 'sales tax' WHEN 'credit' THEN 'promotion' WHEN 'one_time' THEN 'set-up' ELSE 'renewal' END AS charge_type,
       term,
       seats::INTEGER AS quantity,
       price(CASE WHEN kind = 'credit' THEN -line_cost ELSE line_cost END) AS unit_cost,
       cents(half_up(line_cost * seats, 100) * CASE WHEN kind = 'credit' THEN -1 ELSE 1 END
             + CASE WHEN kind <> 'vendor_amount' THEN 0 WHEN h(i, 11) % 2 = 0 THEN 1234 ELSE -45 END) AS amount,
       'USD' AS currency,
       CASE WHEN kind = 'late' THEN DATE '2026-05-01' ELSE first_day END AS charge_period_start,
       CASE WHEN kind = 'late' THEN DATE '2026-06-01' ELSE DATE '2026-07-01' END AS charge_period_end
FROM line l JOIN sources USING (source);

-- A duplicate repeats its host's line under another line_id.
CREATE VIEW vendor_charges AS
SELECT * FROM vendor_charges_raw WHERE i NOT IN (SELECT i FROM drawn WHERE kind = 'duplicate')
UNION ALL
SELECT d.i, source, 'L' || lpad(d.i::VARCHAR, 8, '0'), r.* EXCLUDE (i, source, line_id)
FROM drawn d JOIN vendor_charges_raw r ON r.i = d.host WHERE d.kind = 'duplicate';

CREATE VIEW vendor_invoices AS
SELECT min(i) AS i, source, invoice_id, DATE '2026-07-02' AS invoice_date, 'USD' AS currency,
       coalesce(sum(amount) FILTER (charge_category <> 'tax'), 0)::DECIMAL(38, 2) AS invoice_total
FROM vendor_charges GROUP BY source, invoice_id;

-- One snapshot per customer, on one of the month's last three days; lines that add no seats count nothing.
CREATE VIEW license_counts AS
WITH counted AS (
    SELECT i, source, vendor_customer_id, sku_id, DATE '2026-06-28' + (h(c, 12) % 3)::INTEGER AS as_of_date, vendor_p, kind,
           CASE WHEN slot = 24 AND NOT is_change OR kind = 'cancelled' THEN 0
                WHEN kind = 'count' THEN seats + CASE WHEN h(i, 13) % 2 = 0 THEN 1 ELSE -1 END
                ELSE seats END::INTEGER AS entitled_quantity
    FROM line JOIN vendor_charges_raw USING (i, source, sku_id)
)
SELECT i, source, vendor_customer_id, sku_id, as_of_date, entitled_quantity,
       CASE WHEN vendor_p % 6 = 5 THEN NULL
            WHEN kind = 'unused' THEN greatest(entitled_quantity - 2, 0) ELSE entitled_quantity END AS assigned_quantity
FROM counted;

CREATE VIEW clients AS
SELECT DISTINCT c AS i, 'C' || lpad(c::VARCHAR, 6, '0') AS client_id,
       (['Harbor', 'Summit', 'Cedar', 'Lakeside', 'Pioneer', 'Granite', 'Willow'])[h(c, 14) % 7 + 1] || ' '
       || (['Dental', 'Legal', 'Logistics', 'Accounting', 'Architects', 'Clinic'])[h(c, 15) % 6 + 1] || ' ' || c AS client_name,
       'active' AS status
FROM drawn;

CREATE VIEW products AS
SELECT p AS i, product_code, product_name, vendor_backed, price(list_price) AS default_unit_price, 'USD' AS currency FROM catalog;

CREATE VIEW agreements AS
SELECT i, 'AL' || lpad(i::VARCHAR, 8, '0') AS agreement_line_id, 'AGR-' || lpad(c::VARCHAR, 6, '0') AS agreement_id,
       'C' || lpad(c::VARCHAR, 6, '0') AS client_id, product_code,
       cents(agreed_hundredths) AS quantity, price(agreed_price) AS unit_price, 'USD' AS currency,
       CASE WHEN kind = 'unbilled' THEN DATE '2026-07-01' WHEN is_change THEN first_day
            ELSE DATE '2025-01-01' + (30 * (h(i, 16) % 14))::INTEGER END AS effective_start,
       CASE WHEN kind = 'ended' THEN DATE '2026-06-01' WHEN h(i, 17) % 5 = 0 THEN DATE '2027-01-01' END AS effective_end
FROM line;

CREATE VIEW invoice_lines AS
WITH billed AS (
    SELECT *, CASE WHEN kind = 'not_prorated' THEN DATE '2026-06-01' ELSE first_day END AS service_start,
           (DATE '2026-07-01' - service_start)::BIGINT AS service_days
    FROM line
)
SELECT i, 'IL' || lpad(i::VARCHAR, 8, '0') AS invoice_line_id, 'INV-2606-' || lpad(c::VARCHAR, 6, '0') AS invoice_id,
       'C' || lpad(c::VARCHAR, 6, '0') AS client_id,
       CASE WHEN is_labour THEN (SELECT product_code FROM catalog WHERE p = 39) ELSE product_code END AS product_code,
       cents(CASE WHEN is_labour THEN 150 ELSE invoiced_hundredths END) AS quantity,
       price(CASE WHEN is_labour THEN 1450000 ELSE invoiced_price END) AS unit_price,
       cents(CASE WHEN is_labour THEN 21750
                  ELSE half_up(invoiced_price * invoiced_hundredths * service_days, 300000)
                       + CASE kind WHEN 'amount' THEN 300 WHEN 'cent' THEN 1 ELSE 0 END END) AS amount,
       'USD' AS currency, service_start AS service_period_start, DATE '2026-07-01' AS service_period_end,
       CASE WHEN NOT is_labour THEN 'AL' || lpad(i::VARCHAR, 8, '0') END AS agreement_line_id,
       CASE WHEN is_labour THEN 'one_time' ELSE 'recurring' END AS charge_category
FROM billed;

-- Rules. Exact terms stand beside blank ones so that preferring them matters; old prices so that dates matter.
CREATE VIEW client_map AS
SELECT c.i * 2 + side AS i, source, prefix || '-' || lpad((c.i * 104729 % 9999991)::VARCHAR, 7, '0') AS vendor_customer_id,
       client_id, CASE WHEN c.i % 4 = 0 THEN DATE '2025-01-01' END AS valid_from, NULL::DATE AS valid_to
FROM clients c CROSS JOIN sources;

CREATE VIEW sku_map AS
SELECT p * 2 + t.range AS i, source, sku_id, CASE WHEN t.range = 1 THEN 'annual' END AS term, product_code, units_per,
       NULL::DATE AS valid_from, NULL::DATE AS valid_to
FROM catalog CROSS JOIN range(2) t WHERE vendor_backed AND (t.range = 0 OR p % 3 = 0);

CREATE VIEW metering AS
SELECT p AS i, product_code, 'vendor_billed' AS basis, minimum_quantity, 0 AS markup_pct, 15 AS margin_floor_pct,
       NULL::VARCHAR AS count_source
FROM catalog WHERE p % 3 = 2 AND vendor_backed;

CREATE VIEW cost_list AS
SELECT p * 4 + t.range AS i, source, sku_id, CASE WHEN t.range % 2 = 1 THEN 'annual' END AS term,
       price(CASE WHEN t.range % 2 = 1 THEN half_up(unit_cost * 95, 10000) * 100 ELSE unit_cost END
             - CASE WHEN t.range < 2 THEN 100 ELSE 0 END) AS unit_cost,
       'USD' AS currency, CASE WHEN t.range >= 2 THEN DATE '2026-01-01' END AS valid_from,
       CASE WHEN t.range < 2 THEN DATE '2026-01-01' END AS valid_to
FROM catalog CROSS JOIN range(4) t WHERE vendor_backed;
