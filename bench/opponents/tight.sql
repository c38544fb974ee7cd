-- The question of bench/opponents in as little SQL as it takes: declared types, one pass a leg, nothing kept but the answer, which is
-- opponents/tight.parquet. Exact: quantities, unit-days and money are DECIMAL. Run inside the workspace.
SET preserve_insertion_order = false;
CREATE MACRO days_of(starts, ends) AS greatest(0, least(coalesce(ends, DATE '9999-12-31'), DATE '2026-07-01')
                                                  - greatest(starts, DATE '2026-06-01'));
CREATE MACRO covers(d, since, until) AS d >= coalesce(since, DATE '0001-01-01') AND d < coalesce(until, DATE '9999-12-31');
CREATE MACRO source_of(filename) AS string_split(filename, '/')[-2];

CREATE TABLE client_map AS FROM read_csv('rules/bench/client_map.csv', header = true, columns = {
    'source': 'VARCHAR', 'vendor_customer_id': 'VARCHAR', 'client_id': 'VARCHAR', 'valid_from': 'DATE', 'valid_to': 'DATE'});
CREATE TABLE sku_map AS FROM read_csv('rules/bench/sku_map.csv', header = true, columns = {
    'source': 'VARCHAR', 'sku_id': 'VARCHAR', 'term': 'VARCHAR', 'product_code': 'VARCHAR', 'units_per': 'DECIMAL(18,6)',
    'valid_from': 'DATE', 'valid_to': 'DATE'});

COPY (
    WITH bases AS (
        SELECT product_code, coalesce(basis, CASE WHEN vendor_backed THEN 'vendor_billed' ELSE 'agreement' END) AS basis
        FROM read_csv('landing/bench/2026-06/connectwise/products.csv', header = true, columns = {
            'product_code': 'VARCHAR', 'product_name': 'VARCHAR', 'vendor_backed': 'BOOLEAN', 'default_unit_price': 'DECIMAL(18,4)',
            'currency': 'VARCHAR'}) AS products
        LEFT JOIN read_csv('rules/bench/metering.csv', header = true, columns = {
            'product_code': 'VARCHAR', 'basis': 'VARCHAR', 'minimum_quantity': 'VARCHAR', 'markup_pct': 'VARCHAR',
            'margin_floor_pct': 'VARCHAR', 'count_source': 'VARCHAR'}) AS metering USING (product_code)
    ), charges AS (
        -- a charge that is repeated under another number counts once
        SELECT DISTINCT source_of(filename) AS source, vendor_customer_id, sku_id, subscription_id, charge_type, term, quantity,
               unit_cost, amount, currency, charge_period_start, charge_period_end,
               days_of(charge_period_start, charge_period_end) AS days, greatest(charge_period_start, DATE '2026-06-01') AS mapped_on
        FROM read_csv('landing/bench/2026-06/*/vendor_charges.csv', header = true, filename = true, columns = {
            'line_id': 'VARCHAR', 'invoice_id': 'VARCHAR', 'vendor_customer_id': 'VARCHAR', 'vendor_customer_name': 'VARCHAR',
            'sku_id': 'VARCHAR', 'sku_name': 'VARCHAR', 'subscription_id': 'VARCHAR', 'charge_category': 'VARCHAR',
            'charge_type': 'VARCHAR', 'term': 'VARCHAR', 'quantity': 'DECIMAL(18,6)', 'unit_cost': 'DECIMAL(18,10)',
            'amount': 'DECIMAL(18,4)', 'currency': 'VARCHAR', 'charge_period_start': 'DATE', 'charge_period_end': 'DATE'})
        WHERE charge_category = 'recurring' AND days > 0
    ), billed AS (
        SELECT client_id, coalesce(exact_term.product_code, any_term.product_code) AS product_code,
               sum(quantity * coalesce(exact_term.units_per, any_term.units_per)::DECIMAL(19, 0) * days) AS billed_unit_days,
               sum(amount) AS billed_amount
        FROM charges
        JOIN client_map ON charges.source = client_map.source AND charges.vendor_customer_id = client_map.vendor_customer_id
            AND covers(mapped_on, client_map.valid_from, client_map.valid_to)
        LEFT JOIN sku_map AS exact_term ON charges.source = exact_term.source AND charges.sku_id = exact_term.sku_id
            AND charges.term = exact_term.term AND covers(mapped_on, exact_term.valid_from, exact_term.valid_to)
        LEFT JOIN sku_map AS any_term ON charges.source = any_term.source AND charges.sku_id = any_term.sku_id
            AND any_term.term IS NULL AND covers(mapped_on, any_term.valid_from, any_term.valid_to)
        GROUP BY ALL
    ), counted AS (
        SELECT client_id, product_code, sum(entitled_quantity) AS counted_quantity
        FROM (
            SELECT source_of(filename) AS source, * EXCLUDE (filename)
            FROM read_csv('landing/bench/2026-06/*/license_counts.csv', header = true, filename = true, columns = {
                'vendor_customer_id': 'VARCHAR', 'sku_id': 'VARCHAR', 'as_of_date': 'DATE', 'entitled_quantity': 'DECIMAL(18,6)',
                'assigned_quantity': 'DECIMAL(18,6)'})
        ) AS counts
        JOIN client_map ON counts.source = client_map.source AND counts.vendor_customer_id = client_map.vendor_customer_id
            AND covers(as_of_date, client_map.valid_from, client_map.valid_to)
        JOIN sku_map ON counts.source = sku_map.source AND counts.sku_id = sku_map.sku_id AND sku_map.term IS NULL
            AND covers(as_of_date, sku_map.valid_from, sku_map.valid_to)
        GROUP BY ALL
    ), agreed AS (
        SELECT client_id, product_code, sum(quantity * days_of(effective_start, effective_end)) AS agreed_unit_days
        FROM read_csv('landing/bench/2026-06/connectwise/agreements.csv', header = true, columns = {
            'agreement_line_id': 'VARCHAR', 'agreement_id': 'VARCHAR', 'client_id': 'VARCHAR', 'product_code': 'VARCHAR',
            'quantity': 'DECIMAL(18,6)', 'unit_price': 'DECIMAL(18,10)', 'currency': 'VARCHAR', 'effective_start': 'DATE',
            'effective_end': 'DATE'})
        GROUP BY ALL
    ), invoiced AS (
        SELECT client_id, product_code, sum(quantity * days_of(service_period_start, service_period_end)) AS invoiced_unit_days,
               sum(amount) AS invoiced_amount
        FROM read_csv('landing/bench/2026-06/connectwise/invoice_lines.csv', header = true, columns = {
            'invoice_line_id': 'VARCHAR', 'invoice_id': 'VARCHAR', 'client_id': 'VARCHAR', 'product_code': 'VARCHAR',
            'quantity': 'DECIMAL(18,6)', 'unit_price': 'DECIMAL(18,10)', 'amount': 'DECIMAL(18,2)', 'currency': 'VARCHAR',
            'service_period_start': 'DATE', 'service_period_end': 'DATE', 'agreement_line_id': 'VARCHAR', 'charge_category': 'VARCHAR'})
        WHERE charge_category = 'recurring'
        GROUP BY ALL
    ), keys AS (
        SELECT client_id, product_code, coalesce(billed_unit_days, 0) AS billed_unit_days, coalesce(billed_amount, 0) AS billed_amount,
               coalesce(counted_quantity, 0) AS counted_quantity, coalesce(agreed_unit_days, 0) AS agreed_unit_days,
               coalesce(invoiced_unit_days, 0) AS invoiced_unit_days, coalesce(invoiced_amount, 0) AS invoiced_amount
        FROM billed
        FULL JOIN counted USING (client_id, product_code)
        FULL JOIN agreed USING (client_id, product_code)
        FULL JOIN invoiced USING (client_id, product_code)
    )
    SELECT keys.*, CASE basis WHEN 'agreement' THEN agreed_unit_days ELSE billed_unit_days END - invoiced_unit_days AS missing_unit_days
    FROM keys JOIN bases USING (product_code)
) TO 'opponents/tight.parquet';
