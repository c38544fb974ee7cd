-- Every client-side finding with the sentence a billing clerk reads about it: what happened, with its figures, and what to do.
-- Only words are made here; the figures are the findings'. What clears a finding and its records are added by fct_exceptions.
with waiting as (

    -- the open mapping work of a source
    select
        source,
        'Map first: ' || source || ' has ' || {{ counted('sum(line_count)', 'unmapped record') }} || ', '
        || coalesce(
            'worth ' || string_agg({{ money_text('priced_at_cost', 'minor_units') }} || ' ' || currency, ' and ' order by currency)
            || ' at cost', 'none of them on a bill yet'
        )
        || '.' as sentence
    from (
        select source, currency, minor_units, sum(line_count) as line_count, sum(signed_impact) as priced_at_cost
        from {{ ref('int_mapping_findings') }}
        where exception_code in ('UNMAPPED_CUSTOMER', 'UNMAPPED_SKU')
        group by source, currency, minor_units
    ) as by_currency
    group by source

),

sources as (

    select product_code, source
    from {{ ref('stg_sku_map') }}
    where exclusion is null
    union
    -- of a product that no SKU is mapped to yet, any vendor may be the source
    select rules.product_code, waiting.source
    from {{ ref('int_product_rules') }} as rules
    anti join {{ ref('stg_sku_map') }} as skus on rules.product_code = skus.product_code
    cross join waiting
    where rules.basis <> 'agreement'

),

unmapped as (

    -- what may be the whole cause of "not provided" and "overbilled"
    select sources.product_code, string_agg(waiting.sentence, ' ' order by waiting.sentence) as sentence
    from sources
    inner join waiting on sources.source = waiting.source
    group by sources.product_code

),

volume_words as (

    select
        findings.*,
        coalesce(clients.client_name, findings.client_id) || ', ' || coalesce(rules.product_name, findings.product_code) || ', '
        || run.period || ': ' as opening,
        {{ plain_units('findings.expected_unit_days') }} as expected_text,
        {{ plain_units('findings.invoiced_unit_days') }} as invoiced_text,
        {{ plain_units('findings.expected_quantity') }} as expected_quantity_text,
        {{ plain_units('findings.invoiced_quantity') }} as invoiced_quantity_text,
        -- without a change within the month, quantities say it all and nobody must count unit-days
        findings.expected_unit_days = findings.expected_quantity * run.period_days
        and findings.invoiced_unit_days = findings.invoiced_quantity * run.period_days as is_whole_month,
        {{ money_text('abs(findings.signed_impact)', 'findings.minor_units') }} || ' ' || coalesce(findings.currency, '(no currency)')
            as money_text,
        -- a price below zero turns the direction, which the impact knows
        case when findings.signed_impact < 0 then 'Refund ' else 'Bill ' end as if_too_little,
        case when findings.signed_impact > 0 then 'Bill ' else 'Refund ' end as if_too_much,
        'vendor cost of ' || {{ price_text('coalesce(findings.effective_cost, 0)', 'findings.minor_units') }}
        || ' plus ' || {{ plain_number('findings.markup_pct') }}
        || ' % makes ' || {{ money_text('findings.invoiced_amount + findings.signed_impact', 'findings.minor_units') }} || ', '
        || {{ money_text('findings.invoiced_amount', 'findings.minor_units') }} || ' is invoiced.' as cost_plus_text,
        case findings.basis
            when 'vendor_billed' then ' by the vendor bill'
            when 'entitled' then ' by the licences provisioned'
            when 'assigned' then ' by the licences assigned'
            else ' by the agreement'
        end
        || case
            when findings.minimum_quantity > 0 then ' with a minimum of ' || {{ plain_number('findings.minimum_quantity') }} else ''
        end as counted_text,
        case
            when is_whole_month then expected_quantity_text || ' provided' || counted_text || ' for the month'
            else expected_text || ' unit-days are provided' || counted_text
        end as provided_text,
        case findings.valued_at
            when 'cost' then 'the vendor''s cost, for no price is known'
            when 'none' then 'no price is known: agree one first'
            else
                case
                    when is_whole_month
                        then {{ plain_units('abs(findings.expected_quantity - findings.invoiced_quantity)') }} || ' x '
                    else {{ plain_units('abs(findings.expected_unit_days - findings.invoiced_unit_days)') }} || ' unit-days x '
                end
                || {{ price_text('findings.unit_price', 'findings.minor_units') }} || ' a month'
                || case when is_whole_month then ', ' else ' / ' || run.period_days || ' days, ' end
                || case findings.valued_at
                    when 'invoice' then 'the invoiced price' else 'the ' || findings.valued_at || ' price'
                end
        end as price_text,
        money_text || ' (' || price_text || ')' as priced_text,
        unmapped.sentence as unmapped_text,
        ' Billed by the vendor at a unit cost of 0 are ' || {{ plain_units('free.unit_days') }} || ' unit-days: '
        || array_to_string(free.line_texts[1:3], ', ')
        || case when len(free.line_texts) > 3 then ' and ' || (len(free.line_texts) - 3) || ' more' else '' end
        || '. If that is a trial, a free tier or part of a bundle, map the SKU to !not_billed in sku_map.csv.' as free_text
    from {{ ref('int_volume_findings') }} as findings
    cross join {{ ref('stg_run') }} as run
    left join {{ ref('int_product_rules') }} as rules on findings.product_code = rules.product_code
    left join {{ ref('stg_clients') }} as clients on findings.client_id = clients.client_id
    left join unmapped on findings.product_code = unmapped.product_code
    -- a trial is no ground to bill more; of what the agreement or the cost alone decides it is none to begin with
    left join {{ ref('int_key_free_lines') }} as free
        on
            findings.client_id = free.client_id
            and findings.product_code = free.product_code
            and findings.basis in ('vendor_billed', 'entitled', 'assigned')
            and (findings.signed_impact > 0 or (findings.signed_impact = 0 and findings.expected_unit_days > findings.invoiced_unit_days))

),

volumes as (

    select
        *,
        opening || case exception_code
            when 'CURRENCY_MISMATCH'
                then
                    'its invoice lines, agreement lines or counted vendor costs are in more than one currency, so nothing is compared. '
                    || 'Correct the currency in the PSA or the map.'
            when 'COST_PLUS_UNDERBILLED'
                then cost_plus_text || ' Bill ' || money_text || ' more.'
            when 'COST_PLUS_OVERBILLED'
                then cost_plus_text || ' Refund ' || money_text || '.'
            when 'BILLED_NOT_PROVIDED'
                then
                    case
                        when is_whole_month then invoiced_quantity_text || ' invoiced for the month, none provided'
                        else invoiced_text || ' unit-days are invoiced, none are provided'
                    end
                    || counted_text || '. '
                    || if_too_much || priced_text || ', or find the missing supply.' || coalesce(' ' || unmapped_text, '')
            when 'AGREEMENT_NOT_INVOICED'
                then
                    provided_text || ' under an active agreement, no invoice line charges them. ' || if_too_little || priced_text || '.'
            when 'AGREEMENT_ENDED'
                then
                    provided_text || ' although the agreement has ended. Renew and '
                    || lower(if_too_little) || priced_text || ', or cancel at the vendor.'
            when 'UNBILLED_PRODUCT'
                then
                    provided_text || ' with neither agreement nor invoice line. '
                    || if_too_little || priced_text || ', or cancel at the vendor.'
            when 'MID_PERIOD_CHANGE_NOT_PRORATED'
                then
                    'the quantity on the last day agrees (' || expected_quantity_text || '), but ' || invoiced_text
                    || ' unit-days are invoiced where ' || expected_text || ' were provided' || counted_text
                    || ': a change within the month was not prorated. '
                    || if_too_little || priced_text || '.'
            when 'UNDERBILLED_QUANTITY'
                then
                    case
                        when is_whole_month then provided_text || ', ' || invoiced_quantity_text || ' invoiced. '
                        else
                            invoiced_text || ' of ' || expected_text || ' unit-days provided' || counted_text
                            || ' are invoiced (last day: ' || invoiced_quantity_text || ' of ' || expected_quantity_text || '). '
                    end
                    || if_too_little || priced_text || '.'
            else
                case
                    when is_whole_month then provided_text || ', ' || invoiced_quantity_text || ' invoiced. '
                    else
                        invoiced_text || ' unit-days are invoiced where ' || expected_text || ' were provided' || counted_text
                        || ' (last day: ' || invoiced_quantity_text || ' against ' || expected_quantity_text || '). '
                end
                || if_too_much || priced_text || '.'
                || coalesce(' ' || unmapped_text, '')
        end || coalesce(free_text, '') as explanation
    from volume_words

),

lines as (

    select
        findings.*,
        coalesce(clients.client_name, findings.client_id) || ', ' || coalesce(rules.product_name, findings.product_code)
        || ', invoice line ' || findings.line_id || ': '
        || case findings.exception_code
            when 'INVOICE_PRICE_MISMATCH'
                then
                    {{ plain_number('lines.quantity') }} || ' charged at '
                    || {{ price_text('lines.unit_price', 'lines.minor_units') }} || ' a month, the price in force is '
                    || {{ price_text('lines.expected_unit_price', 'lines.minor_units') }} || '. '
            else
                {{ plain_number('lines.quantity') }} || ' x '
                || {{ price_text('lines.unit_price', 'lines.minor_units') }} || ' for ' || lines.overlap_days
                || ' of ' || lines.period_days || ' days does not give the ' || {{ money_text('lines.amount', 'lines.minor_units') }}
                || ' charged. '
        end
        || case when findings.signed_impact > 0 then 'Bill ' else 'Refund ' end
        || {{ money_text('abs(findings.signed_impact)', 'findings.minor_units') }} || ' ' || findings.currency
        || case when findings.exception_code = 'ROUNDING' then ': within the rounding tolerance, cleared by itself.' else '.' end
            as explanation
    from {{ ref('int_client_findings') }} as findings
    inner join {{ ref('int_invoice_line_variances') }} as lines
        on
            findings.source = lines.source
            and findings.invoice_id = lines.invoice_id
            and findings.line_id = lines.invoice_line_id
    left join {{ ref('int_product_rules') }} as rules on findings.product_code = rules.product_code
    left join {{ ref('stg_clients') }} as clients on findings.client_id = clients.client_id

),

margins as (

    select
        findings.*,
        coalesce(clients.client_name, findings.client_id) || ', ' || coalesce(rules.product_name, findings.product_code) || ': '
        || {{ money_text('findings.invoiced_amount', 'findings.minor_units') }} || ' ' || findings.currency
        || ' is invoiced for what costs ' || {{ money_text('findings.cost', 'findings.minor_units') }} || ' ' || findings.currency
        || case findings.exception_code
            when 'SOLD_BELOW_COST'
                then
                    ', a loss of ' || {{ money_text('findings.cost - findings.invoiced_amount', 'findings.minor_units') }}
                    || '. Correct the price or the cost before it goes out.'
            else
                ', a margin of ' || {{ money_text('findings.invoiced_amount - findings.cost', 'findings.minor_units') }}
                || ', under the floor of ' || {{ plain_number('findings.margin_floor_pct') }} || ' %. Review the price.'
        end as explanation
    from {{ ref('int_margin_findings') }} as findings
    left join {{ ref('int_product_rules') }} as rules on findings.product_code = rules.product_code
    left join {{ ref('stg_clients') }} as clients on findings.client_id = clients.client_id

)

select {{ finding_columns() }}, explanation from volumes
union all by name
select {{ finding_columns() }}, explanation from lines
union all by name
select {{ finding_columns() }}, explanation from margins
