-- Every vendor-side finding with the sentence a billing clerk reads about it: what happened, with its figures, and what to do.
-- Only words are made here; the figures are the findings'. What clears a finding and its records are added by fct_exceptions.
with lines as (

    select
        findings.*,
        findings.source || ' bill ' || findings.invoice_id || ', line ' || findings.line_id || ' ('
        || coalesce(findings.sku_name, findings.sku_id) || '): '
        || case findings.exception_code
            when 'DUPLICATE_VENDOR_CHARGE'
                then
                    'repeats line ' || duplicates.first_line_id || ' of bill ' || duplicates.first_invoice_id || ' in every detail, '
                    || {{ plain_number('findings.quantity') }} || ' x '
                    || {{ price_text('findings.unit_cost', 'findings.minor_units') }} || ' from '
                    || findings.charge_period_start || ' to ' || findings.charge_period_end
                    || ' (exclusive). Ask the vendor to credit it, or for the proof that it is a second charge.'
            when 'VENDOR_AMOUNT_MISMATCH'
                then
                    {{ plain_number('findings.quantity') }} || ' x ' || {{ price_text('findings.unit_cost', 'findings.minor_units') }}
                    || ' does not give the ' || {{ price_text('findings.amount', 'findings.minor_units') }}
                    || ' billed. Ask the vendor to correct the line.'
            else
                {{ plain_number('findings.quantity') }} || ' billed at '
                || {{ price_text('findings.unit_cost', 'findings.minor_units') }} || ' each, the cost list says '
                || {{ price_text('findings.list_cost', 'findings.minor_units') }}
                || '. Claim the difference, or update cost_list.csv and the client''s price.'
        end
        || case when findings.signed_impact < 0 then ' Under-billed: ' else ' To claim: ' end
        || {{ money_text('abs(findings.signed_impact)', 'findings.minor_units') }} || ' ' || findings.currency || '.' as explanation
    from {{ ref('int_vendor_line_findings') }} as findings
    left join {{ ref('int_vendor_charge_duplicates') }} as duplicates
        on
            findings.source = duplicates.source
            and findings.invoice_id = duplicates.invoice_id
            and findings.line_id = duplicates.line_id

),

late as (

    select
        findings.*,
        coalesce(clients.client_name, findings.client_id) || ', ' || coalesce(rules.product_name, findings.product_code) || ': '
        || findings.source || ' bills ' || {{ plain_number('findings.quantity') }} || ' for ' || findings.charge_period_start || ' to '
        || findings.late_end || case when findings.late_end = findings.charge_period_start then '' else ' (exclusive)' end
        || ' only now, '
        || case
            when findings.late_end = findings.charge_period_start then 'a charge of no days, from before this month. '
            else {{ counted('findings.late_end - findings.charge_period_start', 'day') }} || ' before this month. '
        end
        || case
            when findings.signed_impact > 0
                then
                    'Bill ' || {{ money_text('findings.signed_impact', 'findings.minor_units') }} || ' ' || findings.currency
                    || ' at the prices then in force.'
            when findings.signed_impact < 0
                then
                    'Refund ' || {{ money_text('-findings.signed_impact', 'findings.minor_units') }} || ' ' || findings.currency
                    || ' at the prices then in force.'
            when findings.is_priced or findings.late_end = findings.charge_period_start
                then 'It comes to nothing: there is nothing to bill.'
            else 'No price' || coalesce(' in ' || findings.currency, '') || ' was in force then: agree whether to bill it.'
        end as explanation
    from {{ ref('int_late_findings') }} as findings
    left join {{ ref('int_product_rules') }} as rules on findings.product_code = rules.product_code
    left join {{ ref('stg_clients') }} as clients on findings.client_id = clients.client_id

),

counted as (

    -- a source's bill against its own counts, and across sources
    select
        findings.*,
        findings.source || ' customer ' || findings.vendor_customer_id || ', SKU ' || findings.sku_id as customer_text,
        null::varchar as billing_text,
        null::varchar as count_source
    from {{ ref('int_count_findings') }} as findings
    union all by name
    select
        findings.* exclude (sources),
        null::decimal(38, 6) as assigned_quantity,
        null::varchar as cost_source,
        null::varchar as customer_text,
        array_to_string(findings.sources, ' and ') || case when len(findings.sources) = 1 then ' bills ' else ' bill ' end as billing_text
    from {{ ref('int_key_count_findings') }} as findings

),

counts as (

    select
        findings.*,
        {{ plain_number('findings.difference') }}
        || case when findings.units_per <> 1 then ' x ' || {{ plain_number('findings.units_per') }} || ' units' else '' end
        || ' x ' || {{ price_text('findings.unit_cost', 'findings.minor_units') }}
        || case
            when findings.cost_days <> findings.charge_days
                then ' x ' || findings.cost_days || ' / ' || findings.charge_days || ' days'
            else ''
        end
        || case when findings.cost_units_per <> 1 then ' / ' || {{ plain_number('findings.cost_units_per') }} || ' units' else '' end
        || ' = ' || {{ money_text('findings.worth', 'findings.minor_units') }} || coalesce(' ' || findings.currency, '') || ' a month'
            as worth_text,
        concat_ws(
            ', ', coalesce(clients.client_name, findings.client_id), coalesce(rules.product_name, findings.product_code),
            findings.customer_text
        )
        || ': '
        || case
            when findings.exception_code = 'UNUSED_LICENSES'
                then
                    {{ plain_number('findings.entitled_quantity') }} || ' licences are paid for, '
                    || {{ plain_number('findings.assigned_quantity') }} || ' are assigned. '
                    || case
                        when not findings.is_priced
                            then
                                'Reduce by ' || {{ plain_number('findings.difference') }} || ' at renewal; '
                                || 'no price is known, so what that saves is not: add it to cost_list.csv.'
                        else
                            'Reduce at renewal to save ' || worth_text
                            || coalesce(', at the cost that ' || findings.cost_source || ' bills', '') || '.'
                    end
            else
                coalesce(
                    findings.billing_text || {{ plain_number('findings.billed_quantity') }} || ' on the last day, ' || findings.count_source
                    || ' counts ' || {{ plain_number('findings.entitled_quantity') }},
                    {{ plain_number('findings.billed_quantity') }} || ' are billed on the last day, '
                    || {{ plain_number('findings.entitled_quantity') }} || ' are provisioned'
                )
                || case
                    when not findings.is_priced
                        then
                            ': ' || {{ plain_number('findings.difference') }}
                            || case findings.exception_code when 'VENDOR_QUANTITY_OVER' then ' too many' else ' too few' end
                            || ', worth nothing yet, for no price is known.'
                    -- a unit cost below zero turns the direction
                    when (findings.exception_code = 'VENDOR_QUANTITY_OVER') = (findings.worth >= 0) then ': ' || worth_text || ' to claim.'
                    else ': ' || worth_text || ' the vendor does not bill yet.'
                end
        end as explanation
    from counted as findings
    left join {{ ref('stg_clients') }} as clients on findings.client_id = clients.client_id
    left join {{ ref('int_product_rules') }} as rules on findings.product_code = rules.product_code

),

mapping as (

    select
        findings.*,
        ' worth ' || {{ money_text('findings.signed_impact', 'findings.minor_units') }} || ' ' || findings.currency
        || ' at cost' as worth_text,
        case findings.exception_code
            when 'USAGE_NOT_METERED'
                then
                    coalesce(clients.client_name, findings.client_id) || ', ' || coalesce(rules.product_name, findings.product_code)
                    || ': ' || {{ counted('findings.line_count', 'usage line') }} || worth_text
                    || ', but the product is counted by ' || rules.basis
                    || '. Meter it as cost_plus in metering.csv or map the SKU elsewhere.'
            else
                case findings.exception_code
                    when 'UNMAPPED_CUSTOMER' then 'customer ' || findings.vendor_customer_id else 'SKU ' || findings.sku_id
                end
                || coalesce(' (' || findings.vendor_name || ')', '') || ' of ' || findings.source || ' has no row in '
                || case findings.exception_code when 'UNMAPPED_CUSTOMER' then 'client_map.csv' else 'sku_map.csv' end
                || ', so nobody is billed for its ' || {{ counted('findings.line_count', 'record') }}
                -- what only licence counts name has no cost
                || coalesce(worth_text, '') || '. Add the row.'
        end as explanation
    from {{ ref('int_mapping_findings') }} as findings
    left join {{ ref('stg_clients') }} as clients on findings.client_id = clients.client_id
    left join {{ ref('int_product_rules') }} as rules on findings.product_code = rules.product_code

),

products as (

    select
        findings.*,
        coalesce(rules.product_name || ' (' || findings.product_code || ')', findings.product_code) || ' is sold to '
        || {{ counted('findings.client_count', 'client') }} || ' on ' || {{ counted('findings.invoice_line_count', 'invoice line') }}
        || ' and ' || {{ counted('findings.agreement_line_count', 'agreement line') }}
        || ', and no SKU is mapped to it, so nothing was compared. Is it a vendor''s? Then map its SKUs in sku_map.csv. If it is '
        || 'your own, give it vendor_backed = false, or meter it by agreement in metering.csv.' as explanation
    from {{ ref('int_product_findings') }} as findings
    left join {{ ref('int_product_rules') }} as rules on findings.product_code = rules.product_code

)

select {{ finding_columns() }}, explanation from lines
union all by name
select {{ finding_columns() }}, explanation from late
union all by name
select {{ finding_columns() }}, explanation from counts
union all by name
select {{ finding_columns() }}, explanation from mapping
union all by name
select {{ finding_columns() }}, explanation from products
