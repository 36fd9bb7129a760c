// This file is part of PMDaemon.
// SPDX-FileCopyrightText: 2026 The PMDaemon authors
// SPDX-License-Identifier: MIT

#include "core/process/httpresponse.h"

#include <boost/beast/http/buffer_body.hpp>
#include <boost/beast/http/parser.hpp>
#include <limits>

namespace pmdaemon {

namespace http = boost::beast::http;

struct HttpResponse::Parser : http::response_parser<http::buffer_body>
{
    explicit Parser(QByteArray &body)
    {
        static constexpr std::uint32_t maxHead = 64 * 1024;
        header_limit(maxHead);
        body_limit(std::numeric_limits<std::uint64_t>::max()); // the buffer is the limit
        eager(true);
        get().body().data = body.data();
        get().body().size = static_cast<std::size_t>(body.size());
    }
};

HttpResponse::HttpResponse()
    : m_body(MaxBody, Qt::Uninitialized)
{
    m_parser = std::make_unique<Parser>(m_body);
}

HttpResponse::~HttpResponse() = default;

HttpResponse::State HttpResponse::feed(const QByteArray &bytes)
{
    m_unread += bytes;
    return parse();
}

HttpResponse::State HttpResponse::parse()
{
    while (!m_parser->is_done()) {
        boost::beast::error_code error;
        const std::size_t taken = m_parser->put(
            boost::asio::buffer(m_unread.constData(), static_cast<std::size_t>(m_unread.size())),
            error);
        m_unread.remove(0, static_cast<qsizetype>(taken));
        if (error == http::error::need_buffer)
            return State::Complete;
        if (error == http::error::need_more)
            return State::Incomplete;
        if (error)
            return broken(error.message());
        constexpr int switchingProtocols = 101;
        if (m_parser->is_done() && status() < 200 && status() != switchingProtocols)
            m_parser = std::make_unique<Parser>(m_body);
        else if (m_unread.isEmpty() && !m_parser->is_done())
            return State::Incomplete;
    }
    return State::Complete;
}

HttpResponse::State HttpResponse::end()
{
    boost::beast::error_code error;
    if (m_parser->got_some())
        m_parser->put_eof(error);
    else
        error = http::error::end_of_stream;
    return error ? broken(error.message()) : State::Complete;
}

HttpResponse::State HttpResponse::broken(const std::string &error)
{
    m_error = QString::fromStdString(error);
    return State::Broken;
}

int HttpResponse::status() const
{
    return m_parser->is_header_done() ? static_cast<int>(m_parser->get().result_int()) : 0;
}

QByteArrayView HttpResponse::body() const
{
    const auto left = static_cast<qsizetype>(m_parser->get().body().size);
    return QByteArrayView(m_body).first(m_body.size() - left);
}

} // namespace pmdaemon
