-- One month reconciled by hand: the script a careful analyst writes when there is no tool.
--
-- Charter: the benchmark's opponent. It reads the files with declared types and does the arithmetic of contract §4 and
-- §5 exactly. It knows this MSP: one period folder, one currency per client, prices listed for every product, bases
-- vendor_billed and agreement only, clean files. So it has no rejects, controls, evidence, explanations, gate or ledger;
-- an unmapped line stops it. Run it inside the workspace; results go to baseline/*.parquet.

SET preserve_insertion_order = false;
CREATE MACRO p_start() AS DATE '2026-06-01';
CREATE MACRO p_end() AS DATE '2026-07-01';
CREATE MACRO p_days() AS 30;
CREATE MACRO in_period(s, e) AS greatest(0, least(e, p_end()) - greatest(s, p_start()));
CREATE MACRO covers_last(s, e) AS s < p_end() AND e >= p_end();
CREATE MACRO valid_on(d, f, t) AS d >= coalesce(f, DATE '0001-01-01') AND d < coalesce(t, DATE '9999-12-31');
-- Exact half-up division and exact scaling to integers: DECIMAL / DECIMAL would be DOUBLE, DECIMAL * DECIMAL overflows.
CREATE MACRO div_round(n, d) AS (2 * n + sign(n) * d) // (2 * d);      -- // cuts towards zero
CREATE MACRO e10(x) AS (x::DECIMAL(27, 10) * 10000000000::DECIMAL(11, 0))::HUGEINT;
CREATE MACRO e12(x) AS (x::DECIMAL(25, 12) * 1000000000000::DECIMAL(13, 0))::HUGEINT;
CREATE MACRO money(cents) AS (cents::DECIMAL(36, 0) * 0.01::DECIMAL(2, 2))::DECIMAL(38, 2);
-- price × unit-days / days, in money
CREATE MACRO value_of(price, unit_days, days) AS money(div_round(e10(price) * e12(unit_days), days * 100000000000000000000::HUGEINT));

-- ------------------------------------------------------------------------------------------------------------- files
CREATE MACRO charges_of(src) AS TABLE
SELECT src AS source, * FROM read_csv('landing/bench/2026-06/' || src || '/vendor_charges.csv', header = true, columns = {
    'line_id': 'VARCHAR', 'invoice_id': 'VARCHAR', 'vendor_customer_id': 'VARCHAR', 'vendor_customer_name': 'VARCHAR',
    'sku_id': 'VARCHAR', 'sku_name': 'VARCHAR', 'subscription_id': 'VARCHAR', 'charge_category': 'VARCHAR',
    'charge_type': 'VARCHAR', 'term': 'VARCHAR', 'quantity': 'DECIMAL(18,6)', 'unit_cost': 'DECIMAL(25,10)',
    'amount': 'DECIMAL(24,12)', 'currency': 'VARCHAR', 'charge_period_start': 'DATE', 'charge_period_end': 'DATE'});
CREATE MACRO counts_of(src) AS TABLE
SELECT src AS source, * FROM read_csv('landing/bench/2026-06/' || src || '/license_counts.csv', header = true, columns = {
    'vendor_customer_id': 'VARCHAR', 'sku_id': 'VARCHAR', 'as_of_date': 'DATE', 'entitled_quantity': 'DECIMAL(18,6)',
    'assigned_quantity': 'DECIMAL(18,6)'});
CREATE TABLE vendor_charges AS FROM charges_of('pax8') UNION ALL FROM charges_of('tdsynnex');
CREATE TABLE license_counts AS FROM counts_of('pax8') UNION ALL FROM counts_of('tdsynnex');
CREATE TABLE agreements AS FROM read_csv('landing/bench/2026-06/connectwise/agreements.csv', header = true, columns = {
    'agreement_line_id': 'VARCHAR', 'agreement_id': 'VARCHAR', 'client_id': 'VARCHAR', 'product_code': 'VARCHAR',
    'quantity': 'DECIMAL(18,6)', 'unit_price': 'DECIMAL(25,10)', 'currency': 'VARCHAR', 'effective_start': 'DATE',
    'effective_end': 'DATE'});
CREATE TABLE invoice_lines AS FROM read_csv('landing/bench/2026-06/connectwise/invoice_lines.csv', header = true, columns = {
    'invoice_line_id': 'VARCHAR', 'invoice_id': 'VARCHAR', 'client_id': 'VARCHAR', 'product_code': 'VARCHAR',
    'quantity': 'DECIMAL(18,6)', 'unit_price': 'DECIMAL(25,10)', 'amount': 'DECIMAL(18,2)', 'currency': 'VARCHAR',
    'service_period_start': 'DATE', 'service_period_end': 'DATE', 'agreement_line_id': 'VARCHAR', 'charge_category': 'VARCHAR'});
CREATE TABLE products AS FROM read_csv('landing/bench/2026-06/connectwise/products.csv', header = true, columns = {
    'product_code': 'VARCHAR', 'product_name': 'VARCHAR', 'vendor_backed': 'BOOLEAN',
    'default_unit_price': 'DECIMAL(25,10)', 'currency': 'VARCHAR'});
CREATE TABLE client_map AS FROM read_csv('rules/bench/client_map.csv', header = true, columns = {
    'source': 'VARCHAR', 'vendor_customer_id': 'VARCHAR', 'client_id': 'VARCHAR', 'valid_from': 'DATE', 'valid_to': 'DATE'});
CREATE TABLE sku_map AS FROM read_csv('rules/bench/sku_map.csv', header = true, columns = {
    'source': 'VARCHAR', 'sku_id': 'VARCHAR', 'term': 'VARCHAR', 'product_code': 'VARCHAR', 'units_per': 'DECIMAL(18,6)',
    'valid_from': 'DATE', 'valid_to': 'DATE'});
CREATE TABLE metering AS FROM read_csv('rules/bench/metering.csv', header = true, columns = {
    'product_code': 'VARCHAR', 'basis': 'VARCHAR', 'minimum_quantity': 'DECIMAL(18,6)', 'markup_pct': 'DECIMAL(18,6)',
    'margin_floor_pct': 'DECIMAL(18,6)', 'count_source': 'VARCHAR'});
-- the prices of the month's first day
CREATE TABLE cost_list AS
SELECT source, sku_id, term, unit_cost, currency FROM read_csv('rules/bench/cost_list.csv', header = true, columns = {
    'source': 'VARCHAR', 'sku_id': 'VARCHAR', 'term': 'VARCHAR', 'unit_cost': 'DECIMAL(25,10)', 'currency': 'VARCHAR',
    'valid_from': 'DATE', 'valid_to': 'DATE'})
WHERE valid_on(p_start(), valid_from, valid_to);

-- ---------------------------------------------------------------------------------------------- vendor lines, mapped
CREATE TABLE vendor_lines AS
WITH numbered AS (
    SELECT *, in_period(charge_period_start, charge_period_end) AS days_in,
           CASE WHEN days_in > 0 THEN greatest(charge_period_start, p_start()) ELSE charge_period_start END AS map_date,
           row_number() OVER (
               PARTITION BY source, vendor_customer_id, sku_id, subscription_id, charge_category, charge_type, term, quantity,
                            unit_cost, amount, currency, charge_period_start, charge_period_end
               ORDER BY invoice_id, line_id) > 1 AS is_duplicate
    FROM vendor_charges
)
SELECT n.* EXCLUDE (vendor_customer_name, sku_name, charge_type),
       c.client_id, coalesce(exact.product_code, blank.product_code) AS product_code,
       quantity::DECIMAL(19, 6) * coalesce(exact.units_per, blank.units_per, 1)::DECIMAL(19, 6) AS units,
       NOT is_duplicate AND charge_category = 'recurring' AND days_in > 0 AS is_counted,
       -- exact: amount × days ÷ days of the charge period, to ten places
       CASE WHEN days_in = charge_period_end - charge_period_start THEN amount::DECIMAL(38, 12)
            ELSE (div_round(e12(amount) * days_in, (charge_period_end - charge_period_start) * 100)::DECIMAL(28, 0)
                  * 0.0000000001::DECIMAL(10, 10))::DECIMAL(38, 12) END AS effective_cost
FROM numbered n
LEFT JOIN client_map c ON c.source = n.source AND c.vendor_customer_id = n.vendor_customer_id
    AND valid_on(map_date, c.valid_from, c.valid_to)
LEFT JOIN sku_map exact ON exact.source = n.source AND exact.sku_id = n.sku_id AND exact.term = n.term
    AND valid_on(map_date, exact.valid_from, exact.valid_to)
LEFT JOIN sku_map blank ON blank.source = n.source AND blank.sku_id = n.sku_id AND blank.term IS NULL
    AND valid_on(map_date, blank.valid_from, blank.valid_to);
-- What this script does not handle stops it.
SELECT error('unmapped or usage vendor line ' || line_id)
FROM vendor_lines WHERE client_id IS NULL OR product_code IS NULL OR charge_category = 'usage';
SELECT error('basis ' || basis || ' of ' || product_code) FROM metering WHERE basis NOT IN ('vendor_billed', 'agreement');
SELECT error('no list price for ' || product_code) FROM products WHERE default_unit_price IS NULL OR currency IS NULL;
SELECT error('no list cost for ' || sku_id)
FROM sku_map ANTI JOIN (FROM cost_list WHERE term IS NULL) priced USING (source, sku_id);

-- -------------------------------------------------------------------------------------------- the three legs per key
-- Unit-days have twelve places everywhere: coalesce and CASE over DECIMAL(38,12) and DECIMAL(38,6) give DECIMAL(38,6).
CREATE TABLE agreement_days AS
SELECT *, in_period(effective_start, coalesce(effective_end, DATE '9999-12-31')) AS days_in,
       covers_last(effective_start, coalesce(effective_end, DATE '9999-12-31')) AS on_last
FROM agreements;
CREATE TABLE invoice_days AS
SELECT *, in_period(service_period_start, service_period_end) AS days_in,
       service_period_end - service_period_start AS days_all,
       CASE WHEN days_in = days_all THEN amount
            ELSE money(div_round((amount * 100)::HUGEINT * days_in, days_all)) END AS amount_in
FROM invoice_lines WHERE charge_category = 'recurring';

CREATE TABLE reconciliation AS
WITH vendor AS (
    SELECT client_id, product_code, max(currency) AS currency, sum(units * days_in) AS unit_days,
           coalesce(sum(units) FILTER (covers_last(charge_period_start, charge_period_end)), 0) AS on_last,
           sum(effective_cost) AS effective_cost
    FROM vendor_lines WHERE is_counted GROUP BY ALL
), agreed AS (
    SELECT client_id, product_code, max(currency) AS currency, bool_or(days_in > 0) AS active,
           bool_or(effective_end <= p_start()) AS ended, sum(quantity * days_in)::DECIMAL(38, 12) AS unit_days,
           coalesce(sum(quantity) FILTER (on_last), 0)::DECIMAL(38, 12) AS on_last,
           -- in force on the last day of P, else the last one ever in force before it
           arg_max(unit_price, row(least(coalesce(effective_end, DATE '9999-12-31'), p_end()), effective_start, agreement_line_id))
               FILTER (effective_start < p_end() AND effective_start < coalesce(effective_end, DATE '9999-12-31')) AS price
    FROM agreement_days GROUP BY ALL
), invoiced AS (
    SELECT client_id, product_code, max(currency) AS currency, sum(quantity * days_in)::DECIMAL(38, 12) AS unit_days,
           coalesce(sum(quantity) FILTER (covers_last(service_period_start, service_period_end)), 0)::DECIMAL(38, 12) AS on_last,
           sum(amount_in) AS amount
    FROM invoice_days WHERE days_in > 0 GROUP BY ALL
), counted AS (
    SELECT DISTINCT c.client_id, s.product_code
    FROM license_counts n
    JOIN client_map c ON c.source = n.source AND c.vendor_customer_id = n.vendor_customer_id
        AND valid_on(as_of_date, c.valid_from, c.valid_to)
    JOIN sku_map s ON s.source = n.source AND s.sku_id = n.sku_id AND s.term IS NULL AND valid_on(as_of_date, s.valid_from, s.valid_to)
    WHERE as_of_date >= p_start() AND as_of_date < p_end()
), keys AS (
    SELECT client_id, product_code FROM vendor UNION SELECT client_id, product_code FROM agreed WHERE active
    UNION SELECT client_id, product_code FROM invoiced UNION FROM counted
), metered AS (
    SELECT p.product_code, vendor_backed, default_unit_price, p.currency,
           coalesce(m.basis, CASE WHEN vendor_backed THEN 'vendor_billed' ELSE 'agreement' END) AS basis,
           coalesce(m.minimum_quantity, 0) AS minimum_quantity, m.margin_floor_pct
    FROM products p LEFT JOIN metering m ON m.product_code = p.product_code
), units AS (
    SELECT k.client_id, k.product_code, coalesce(i.currency, a.currency, p.currency, v.currency) AS currency, p.vendor_backed,
           p.basis,
           greatest(0, CASE p.basis WHEN 'vendor_billed' THEN coalesce(v.unit_days, 0) ELSE coalesce(a.unit_days, 0) END) AS raw_days,
           greatest(0, CASE p.basis WHEN 'vendor_billed' THEN coalesce(v.on_last, 0) ELSE coalesce(a.on_last, 0) END) AS raw_last,
           CASE WHEN raw_days > 0 THEN greatest(raw_days, p.minimum_quantity * p_days()) ELSE 0 END AS expected_unit_days,
           CASE WHEN raw_days > 0 THEN greatest(raw_last, p.minimum_quantity) ELSE raw_last END AS expected_quantity,
           coalesce(i.unit_days, 0) AS invoiced_unit_days, coalesce(i.on_last, 0) AS invoiced_quantity,
           i.client_id IS NOT NULL AS has_invoice, coalesce(a.active, false) AS agreement_active,
           coalesce(a.ended, false) AS agreement_ended,
           coalesce(a.price, CASE WHEN p.currency IS NOT DISTINCT FROM coalesce(i.currency, a.currency, p.currency)
                                  THEN p.default_unit_price END) AS price,
           coalesce(i.amount, 0) AS invoiced_amount, coalesce(v.effective_cost, 0) AS effective_cost, p.margin_floor_pct
    FROM keys k
    JOIN metered p ON p.product_code = k.product_code
    LEFT JOIN vendor v ON v.client_id = k.client_id AND v.product_code = k.product_code
    LEFT JOIN agreed a ON a.client_id = k.client_id AND a.product_code = k.product_code
    LEFT JOIN invoiced i ON i.client_id = k.client_id AND i.product_code = k.product_code
)
SELECT * EXCLUDE (raw_days, raw_last, price),
       CASE WHEN expected_unit_days = invoiced_unit_days THEN 0
            ELSE value_of(price, expected_unit_days - invoiced_unit_days, p_days()) END AS volume_variance,
       CASE WHEN expected_unit_days = invoiced_unit_days THEN NULL
            WHEN expected_unit_days = 0 AND vendor_backed THEN 'BILLED_NOT_PROVIDED'
            WHEN expected_unit_days > 0 AND NOT has_invoice AND agreement_active THEN 'AGREEMENT_NOT_INVOICED'
            WHEN expected_unit_days > 0 AND NOT has_invoice AND agreement_ended THEN 'AGREEMENT_ENDED'
            WHEN expected_unit_days > 0 AND NOT has_invoice THEN 'UNBILLED_PRODUCT'
            WHEN expected_quantity = invoiced_quantity THEN 'MID_PERIOD_CHANGE_NOT_PRORATED'
            WHEN expected_unit_days > invoiced_unit_days THEN 'UNDERBILLED_QUANTITY'
            ELSE 'OVERBILLED_QUANTITY' END AS volume_code,
       CASE WHEN invoiced_amount <= 0 THEN NULL
            WHEN invoiced_amount < round(effective_cost, 2) THEN 'SOLD_BELOW_COST'
            WHEN (invoiced_amount - round(effective_cost, 2))::DECIMAL(20, 2) * 100 < margin_floor_pct * invoiced_amount::DECIMAL(20, 2)
                THEN 'MARGIN_BELOW_FLOOR' END AS margin_code
FROM units;

-- ------------------------------------------------------------------------------------------- prices of invoice lines
CREATE TABLE line_prices AS
WITH named AS (
    SELECT l.*, a.unit_price AS named_price
    FROM invoice_days l
    LEFT JOIN agreements a ON a.agreement_line_id = l.agreement_line_id AND a.client_id = l.client_id
        AND a.product_code = l.product_code AND valid_on(service_period_start, a.effective_start, a.effective_end)
    WHERE days_in = days_all
), in_force AS (      -- only for the few lines that name no line active on their first day
    SELECT n.invoice_line_id, arg_max(a.unit_price, row(a.effective_start, a.agreement_line_id)) AS price
    FROM named n JOIN agreements a ON a.client_id = n.client_id AND a.product_code = n.product_code AND a.currency = n.currency
        AND valid_on(service_period_start, a.effective_start, a.effective_end)
    WHERE named_price IS NULL GROUP BY ALL
), priced AS (
    SELECT n.*, coalesce(named_price, f.price, CASE WHEN p.currency = n.currency THEN p.default_unit_price END, n.unit_price) AS right_price,
           value_of(right_price, n.quantity * n.days_in, p_days()) - n.amount AS variance
    FROM named n JOIN products p USING (product_code) LEFT JOIN in_force f USING (invoice_line_id)
)
SELECT client_id, product_code, invoice_line_id, currency, variance,
       CASE WHEN unit_price <> right_price THEN 'INVOICE_PRICE_MISMATCH'
            WHEN abs(variance) > 0.01 THEN 'INVOICE_AMOUNT_MISMATCH' ELSE 'ROUNDING' END AS code
FROM priced WHERE variance <> 0;

-- ------------------------------------------------------------------------------------------------- vendor-side checks
CREATE TABLE vendor_findings AS
WITH billed AS (
    SELECT source, vendor_customer_id, sku_id,
           coalesce(sum(quantity) FILTER (covers_last(charge_period_start, charge_period_end)), 0) AS quantity
    FROM vendor_lines WHERE is_counted GROUP BY ALL
), last_dates AS (
    SELECT source, vendor_customer_id, max(as_of_date) AS as_of_date FROM license_counts
    WHERE as_of_date >= p_start() AND as_of_date < p_end() GROUP BY ALL
), counted AS (
    SELECT n.source, n.vendor_customer_id, n.sku_id, max(u.currency) AS currency,
           sum(entitled_quantity) FILTER (n.as_of_date = l.as_of_date) AS entitled,
           sum(assigned_quantity) FILTER (n.as_of_date = l.as_of_date) AS assigned,
           max(u.unit_cost) AS unit_cost
    FROM license_counts n JOIN last_dates l USING (source, vendor_customer_id)
    LEFT JOIN cost_list u ON u.source = n.source AND u.sku_id = n.sku_id AND u.term IS NULL
    WHERE n.as_of_date >= p_start() AND n.as_of_date < p_end() GROUP BY ALL
), late AS (          -- one row per late line and month: the price in force on the month's last late day
    SELECT v.source, v.invoice_id, v.line_id, m.month, max(v.units) AS units,
           least(v.charge_period_end, p_start(), (m.month + INTERVAL 1 MONTH)::DATE) AS late_end,
           late_end - greatest(v.charge_period_start, m.month) AS late_days,
           (m.month + INTERVAL 1 MONTH)::DATE - m.month AS month_days,
           coalesce(arg_max(a.unit_price, row(a.effective_start, a.agreement_line_id)), 0) AS price
    FROM vendor_lines v
    CROSS JOIN LATERAL (SELECT unnest(generate_series(date_trunc('month', v.charge_period_start), p_start() - 1, INTERVAL 1 MONTH))::DATE AS month) m
    LEFT JOIN agreements a ON a.client_id = v.client_id AND a.product_code = v.product_code AND a.currency = v.currency
        AND valid_on(least(v.charge_period_end, p_start(), (m.month + INTERVAL 1 MONTH)::DATE) - 1, a.effective_start, a.effective_end)
    WHERE v.charge_category = 'recurring' AND NOT v.is_duplicate AND v.charge_period_start < p_start()
    GROUP BY ALL
), late_value AS (    -- rounded once, after the months are added over a common denominator, 28·29·30·31
    SELECT source, invoice_id, line_id,
           money(div_round(sum(e10(price) * e12(units) * late_days * (755160 // month_days)), 755160 * 100000000000000000000::HUGEINT)) AS value
    FROM late GROUP BY ALL
), findings AS (
    SELECT 'DUPLICATE_VENDOR_CHARGE' AS code, source, vendor_customer_id, sku_id, invoice_id, line_id, currency,
           'vendor' AS side, round(amount, 2) AS signed
    FROM vendor_lines WHERE is_duplicate
    UNION ALL
    SELECT 'VENDOR_AMOUNT_MISMATCH', source, vendor_customer_id, sku_id, invoice_id, line_id, currency, 'vendor',
           round(amount - (quantity * unit_cost::DECIMAL(20, 10)), 2)
    FROM vendor_lines WHERE NOT is_duplicate AND charge_category IN ('recurring', 'one_time')
        AND abs(amount - (quantity * unit_cost::DECIMAL(20, 10))) > 0.01
    UNION ALL
    SELECT 'VENDOR_PRICE_CHANGE', v.source, vendor_customer_id, v.sku_id, invoice_id, line_id, v.currency, 'vendor',
           round(quantity * (v.unit_cost - coalesce(e.unit_cost, b.unit_cost))::DECIMAL(20, 10), 2)
    FROM vendor_lines v
    LEFT JOIN cost_list e ON e.source = v.source AND e.sku_id = v.sku_id AND e.term = v.term AND e.currency = v.currency
    LEFT JOIN cost_list b ON b.source = v.source AND b.sku_id = v.sku_id AND b.term IS NULL AND b.currency = v.currency
    WHERE is_counted AND charge_period_start = p_start() AND charge_period_end = p_end()
        AND v.unit_cost <> coalesce(e.unit_cost, b.unit_cost)
    UNION ALL
    SELECT 'LATE_CHARGE', source, vendor_customer_id, sku_id, invoice_id, line_id, currency, 'client', value
    FROM late_value JOIN vendor_lines USING (source, invoice_id, line_id)
    UNION ALL
    SELECT CASE WHEN quantity > coalesce(entitled, 0) THEN 'VENDOR_QUANTITY_OVER' ELSE 'VENDOR_QUANTITY_UNDER' END,
           source, vendor_customer_id, sku_id, NULL, NULL, currency, 'vendor',
           round((quantity - coalesce(entitled, 0)) * unit_cost::DECIMAL(18, 8), 2)
    FROM counted JOIN billed USING (source, vendor_customer_id, sku_id) WHERE quantity <> coalesce(entitled, 0)
    UNION ALL
    SELECT 'UNUSED_LICENSES', source, vendor_customer_id, sku_id, NULL, NULL, currency, 'stranded',
           round((entitled - assigned) * unit_cost::DECIMAL(18, 8), 2)
    FROM counted WHERE entitled > assigned
)
SELECT * FROM findings;

-- ----------------------------------------------------------------------------------------------------------- results
CREATE TABLE exceptions AS
WITH client_side AS (
    SELECT volume_code AS exception_code, client_id, product_code, NULL AS line_id, currency, volume_variance AS signed
    FROM reconciliation WHERE volume_code IS NOT NULL
    UNION ALL SELECT code, client_id, product_code, invoice_line_id, currency, variance FROM line_prices
    UNION ALL SELECT margin_code, client_id, product_code, NULL, currency, 0 FROM reconciliation WHERE margin_code IS NOT NULL
)
SELECT exception_code, client_id, product_code, NULL AS source, NULL AS vendor_customer_id, NULL AS sku_id, line_id, currency,
       greatest(signed, 0)::DECIMAL(38, 2) AS client_recoverable, greatest(-signed, 0)::DECIMAL(38, 2) AS client_refund,
       0::DECIMAL(38, 2) AS vendor_claim, 0::DECIMAL(38, 2) AS vendor_liability, 0::DECIMAL(38, 2) AS stranded
FROM client_side
UNION ALL
SELECT code, NULL, NULL, source, vendor_customer_id, sku_id, line_id, currency,
       CASE WHEN side = 'client' THEN greatest(signed, 0) ELSE 0 END, CASE WHEN side = 'client' THEN greatest(-signed, 0) ELSE 0 END,
       CASE WHEN side = 'vendor' THEN greatest(signed, 0) ELSE 0 END, CASE WHEN side = 'vendor' THEN greatest(-signed, 0) ELSE 0 END,
       CASE WHEN side = 'stranded' THEN signed ELSE 0 END
FROM vendor_findings;

CREATE TABLE dispositions AS
WITH own AS (
    SELECT source, invoice_id, line_id, min(code) AS code FROM vendor_findings
    WHERE code IN ('VENDOR_AMOUNT_MISMATCH', 'VENDOR_PRICE_CHANGE') GROUP BY ALL
), price_codes AS (      -- table order: price before amount
    SELECT client_id, product_code, max(code) AS code FROM line_prices WHERE code <> 'ROUNDING' GROUP BY ALL
), judged AS (
    SELECT v.source, v.invoice_id, v.line_id, v.amount, v.currency,
           CASE WHEN is_duplicate THEN ['exception', 'DUPLICATE_VENDOR_CHARGE']
                WHEN charge_category NOT IN ('recurring', 'usage') THEN ['excluded', charge_category]
                WHEN charge_period_start >= p_end() THEN ['excluded', 'future_period']
                WHEN charge_period_end <= p_start() THEN ['exception', 'LATE_CHARGE']
                WHEN o.code IS NOT NULL THEN ['exception', o.code]
                WHEN coalesce(r.volume_code, p.code, r.margin_code) IS NOT NULL
                    THEN ['exception', coalesce(r.volume_code, p.code, r.margin_code)]
                ELSE ['matched', NULL] END AS verdict
    FROM vendor_lines v
    LEFT JOIN own o ON o.source = v.source AND o.invoice_id = v.invoice_id AND o.line_id = v.line_id
    LEFT JOIN reconciliation r ON r.client_id = v.client_id AND r.product_code = v.product_code
    LEFT JOIN price_codes p ON p.client_id = v.client_id AND p.product_code = v.product_code
), billed AS (
    SELECT l.invoice_id, l.invoice_line_id, l.amount, l.currency,
           CASE WHEN l.charge_category = 'one_time' THEN ['excluded', 'one_time']
                WHEN in_period(l.service_period_start, l.service_period_end) = 0 THEN ['excluded', 'outside_period']
                WHEN coalesce(p.code, r.volume_code) IS NOT NULL THEN ['exception', coalesce(p.code, r.volume_code)]
                ELSE ['matched', NULL] END AS verdict
    FROM invoice_lines l
    LEFT JOIN reconciliation r ON r.client_id = l.client_id AND r.product_code = l.product_code
    LEFT JOIN line_prices p ON p.invoice_line_id = l.invoice_line_id AND p.code <> 'ROUNDING'
)
SELECT 'vendor' AS leg, source, invoice_id, line_id, amount, currency, verdict[1] AS disposition, verdict[2] AS reason FROM judged
UNION ALL
SELECT 'invoice', 'connectwise', invoice_id, invoice_line_id, amount, currency, verdict[1], verdict[2] FROM billed;

COPY (SELECT * FROM exceptions
      ORDER BY exception_code, client_id, product_code, source, vendor_customer_id, sku_id, line_id)
    TO 'baseline/exceptions.parquet' (FORMAT parquet);
COPY (SELECT * FROM dispositions ORDER BY leg, source, invoice_id, line_id) TO 'baseline/dispositions.parquet' (FORMAT parquet);
COPY (SELECT r.* EXCLUDE (has_invoice, agreement_active, agreement_ended, vendor_backed),
             coalesce(p.variance, 0)::DECIMAL(38, 2) AS price_variance,
             (invoiced_amount + volume_variance + coalesce(p.variance, 0))::DECIMAL(38, 2) AS expected_amount
      FROM reconciliation r
      LEFT JOIN (SELECT client_id, product_code, sum(variance) AS variance FROM line_prices GROUP BY ALL) p USING (client_id, product_code)
      ORDER BY client_id, product_code)
    TO 'baseline/reconciliation.parquet' (FORMAT parquet);
