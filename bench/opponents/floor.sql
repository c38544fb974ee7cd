-- The floor: every large file read and typed, its columns summed up into one row, nothing mapped, joined or kept. Nothing that reads these
-- files with DuckDB can be faster. Run inside the workspace.
SELECT count(*), max(quantity), max(unit_cost), sum(amount), max(charge_period_start), max(charge_period_end), max(line_id),
       max(invoice_id), max(vendor_customer_id), max(sku_id), max(term), max(currency)
FROM read_csv('landing/bench/2026-06/*/vendor_charges.csv', header = true, columns = {
    'line_id': 'VARCHAR', 'invoice_id': 'VARCHAR', 'vendor_customer_id': 'VARCHAR', 'vendor_customer_name': 'VARCHAR',
    'sku_id': 'VARCHAR', 'sku_name': 'VARCHAR', 'subscription_id': 'VARCHAR', 'charge_category': 'VARCHAR',
    'charge_type': 'VARCHAR', 'term': 'VARCHAR', 'quantity': 'DECIMAL(18,6)', 'unit_cost': 'DECIMAL(18,10)',
    'amount': 'DECIMAL(18,4)', 'currency': 'VARCHAR', 'charge_period_start': 'DATE', 'charge_period_end': 'DATE'});
SELECT count(*), max(vendor_customer_id), max(sku_id), max(as_of_date), sum(entitled_quantity), sum(assigned_quantity)
FROM read_csv('landing/bench/2026-06/*/license_counts.csv', header = true, columns = {
    'vendor_customer_id': 'VARCHAR', 'sku_id': 'VARCHAR', 'as_of_date': 'DATE', 'entitled_quantity': 'DECIMAL(18,6)',
    'assigned_quantity': 'DECIMAL(18,6)'});
SELECT count(*), max(agreement_line_id), max(agreement_id), max(client_id), max(product_code), sum(quantity), max(unit_price),
       max(effective_start), max(effective_end)
FROM read_csv('landing/bench/2026-06/connectwise/agreements.csv', header = true, columns = {
    'agreement_line_id': 'VARCHAR', 'agreement_id': 'VARCHAR', 'client_id': 'VARCHAR', 'product_code': 'VARCHAR',
    'quantity': 'DECIMAL(18,6)', 'unit_price': 'DECIMAL(18,10)', 'currency': 'VARCHAR', 'effective_start': 'DATE',
    'effective_end': 'DATE'});
SELECT count(*), max(invoice_line_id), max(invoice_id), max(client_id), max(product_code), sum(quantity), max(unit_price), sum(amount),
       max(service_period_start), max(service_period_end), max(agreement_line_id)
FROM read_csv('landing/bench/2026-06/connectwise/invoice_lines.csv', header = true, columns = {
    'invoice_line_id': 'VARCHAR', 'invoice_id': 'VARCHAR', 'client_id': 'VARCHAR', 'product_code': 'VARCHAR',
    'quantity': 'DECIMAL(18,6)', 'unit_price': 'DECIMAL(18,10)', 'amount': 'DECIMAL(18,2)', 'currency': 'VARCHAR',
    'service_period_start': 'DATE', 'service_period_end': 'DATE', 'agreement_line_id': 'VARCHAR', 'charge_category': 'VARCHAR'});
